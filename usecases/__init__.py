"""What people do: each use case owns its permission check, its transaction and its audit line."""
