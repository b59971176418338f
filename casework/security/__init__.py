"""Who may do what: permissions, roles, rules, the acting person and the gate. Denies by default."""
