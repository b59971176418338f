"""Option lists: what forms offer, kept by the administrator. Codes are for ever, names and order may change."""
