"""Algorithms: one a file. `catalog()` finds them."""
