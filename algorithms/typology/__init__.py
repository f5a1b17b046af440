"""Kind of fraud from a lead's text and the graph's evidence: rules and a small learned model, abstaining when unsure."""
