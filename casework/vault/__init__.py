"""Who can open what: data keys, the grants that seal them to people and circles, and what is sealed under them."""
