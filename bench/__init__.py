"""Benchmarks: one question a file, a peer beside ours in one run on the same input. `python -m bench` runs them all."""
