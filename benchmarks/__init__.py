"""The goals of the project, each measured beside its limit in one run: ratios travel between machines, times do not."""
