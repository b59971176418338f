"""Statistics, disclosure control and exports: figures from daily counts, small ones hidden (R24, R26)."""
