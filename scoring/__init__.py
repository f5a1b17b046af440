"""Money in flight: features, rules and holds, as pure decisions."""
