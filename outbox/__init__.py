"""What must leave the house exactly once: signed, retried, idempotent deliveries."""
