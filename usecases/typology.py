"""Guess the kind of fraud a lead tells of. Reads nothing and writes nothing: the caller owns permission and audit."""

from __future__ import annotations

from algorithms.typology.classify import classify
from algorithms.typology.model import LABELS, Evidence, Reason, Typology
from algorithms.typology.rules import titles

__all__ = ["LABELS", "Evidence", "Reason", "Typology", "classify", "titles"]
