"""The person helped: sealed identity, masked on screen, recognised by the blind index of a number."""
