"""The system of record: append-only batches of what came in; graph stores are projections of it."""
