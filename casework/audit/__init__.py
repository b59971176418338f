"""Who did what and when: a vocabulary with exact keys, an append-only trail, and its verification."""
