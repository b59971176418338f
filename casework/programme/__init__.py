"""The programme: its 6+1 sub-projects, hotlines and indicators (R1, R28, G1–G3)."""
