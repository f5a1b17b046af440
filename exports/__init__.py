"""Exports: one format a file. `catalog()` finds them."""
