"""Roles of accounts: features, a fitted scorecard with calibrated probabilities, and words for its reasons."""
