"""Who may do what, who people are, and the audit log."""
