"""One rule type a file, found by its constant RULE; thresholds come from the rule set."""
