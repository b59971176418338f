"""Cases: from intake to closure, with sealed notes and an assignment that moves keys."""
