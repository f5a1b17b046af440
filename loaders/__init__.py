"""Loaders: one source format a file. `catalog()` finds them."""
