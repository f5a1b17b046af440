"""The `ringtrace` command: one command group a file."""
