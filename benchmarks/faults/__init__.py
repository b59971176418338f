"""Faults while somebody types: how many characters are lost, and how long a key takes to reach the server."""
