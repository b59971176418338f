"""What an auditor and everybody else may look up: the trail of what was done, and the rules that hold for all."""
