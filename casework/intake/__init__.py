"""Calls: drafts that lose nothing, logging, risk, triage, and the way into a case."""
