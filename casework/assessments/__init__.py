"""Scales and what they measured; the answers are sealed under the key of the case."""
