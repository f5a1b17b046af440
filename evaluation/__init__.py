"""Evaluation: what was found against what is known. The only reader of ground truth."""
