"""Ways out of the house: one a file."""
