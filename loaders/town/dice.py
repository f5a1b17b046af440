"""Seeded chance: one independent stream a purpose, so that a change in one part of the town does not move another."""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def stream(seed: int, *purpose: str | int) -> np.random.Generator:
    """A generator that is the same for the same seed and purpose, whatever else was drawn."""
    digest = hashlib.blake2b(repr((seed, *purpose)).encode(), digest_size=16).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest, "big")))


def share(values: Ints, salt: int) -> Floats:
    """A number in [0, 1) fixed for each value and salt (splitmix64): a stable trait without storing it."""
    mixed = values.astype(np.uint64) + np.uint64(salt * 0x9E3779B97F4A7C15 % 2**64)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return (mixed >> np.uint64(11)).astype(np.float64) / float(2**53)


def pick(values: Ints, salt: int, bound: int) -> Ints:
    """A whole number in [0, bound) fixed for each value and salt."""
    return (share(values, salt) * bound).astype(np.int64)


def ranked(uniform: Floats, bound: int, exponent: float) -> Ints:
    """Places in [0, bound) for numbers in [0, 1), the first places far more often (a bounded Zipf law)."""
    weights = np.cumsum(np.arange(1, bound + 1, dtype=np.float64) ** -exponent)
    return np.asarray(np.searchsorted(weights, uniform * weights[-1]).clip(0, bound - 1), dtype=np.int64)


def popular(rng: np.random.Generator, count: int, bound: int, exponent: float = 0.75) -> Ints:
    """`count` draws from [0, bound), ranked by popularity."""
    return ranked(rng.random(count), bound, exponent)


def lognormal_fen(rng: np.random.Generator, count: int, median_yuan: float, sigma: float) -> Ints:
    """Log-normal amounts in fen, at least 1 yuan, at most 5 million yuan."""
    yuan = np.exp(rng.normal(np.log(median_yuan), sigma, count)).clip(1, 5e6)
    return np.asarray(np.round(yuan * 100), dtype=np.int64)


def rounded(rng: np.random.Generator, amounts: Ints, to_fen: int, chance: float) -> Ints:
    """`amounts` with this share of them rounded to a multiple of `to_fen` (never to zero): people like round sums."""
    tidy = np.maximum((amounts + to_fen // 2) // to_fen * to_fen, to_fen)
    return np.where(rng.random(len(amounts)) < chance, tidy, amounts)
