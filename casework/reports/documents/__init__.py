"""Figures as drawings and as workbooks."""
