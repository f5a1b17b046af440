"""A town of ordinary life with gangs planted in it, generated from a seed, with the truth beside it."""

from loaders.town.generate import GeneratedSummary, generate

__all__ = ["GeneratedSummary", "generate"]
