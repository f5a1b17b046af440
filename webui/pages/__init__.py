"""One page a file; each module carries its blueprint as `PAGE`, named like the file."""
