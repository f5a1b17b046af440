"""The door of the compiled kernels: they index by account number without looking, so numbers are looked at before.

A number out of range would be read, and written, beside the array: the process dies, or worse, it answers.
"""

from __future__ import annotations

from typing import Any

import numpy.typing as npt

from core.errors import BadInput


def within(what: str, n: int, **columns: npt.NDArray[Any]) -> None:
    """Raises BadInput `number_out_of_range` naming the column and row whose number is not from 0 to n - 1."""
    for name, column in columns.items():
        if not len(column) or (int(column.min()) >= 0 and int(column.max()) < n):
            continue
        row = int(((column < 0) | (column >= n)).argmax())
        raise BadInput(
            f"{what}: {name} of row {row} is {int(column[row])}, expected a number from 0 to {n - 1}: "
            "an event names somebody who is not in the data it was projected with",
            code="number_out_of_range",
        )


def not_negative(what: str, **columns: npt.NDArray[Any]) -> None:
    """Raises BadInput `negative_number` naming the column and row that is below 0."""
    for name, column in columns.items():
        if len(column) and int(column.min()) < 0:
            row = int((column < 0).argmax())
            raise BadInput(
                f"{what}: {name} of row {row} is {int(column[row])}, expected 0 or more", code="negative_number"
            )


def equally_long(what: str, **columns: npt.NDArray[Any]) -> None:
    """Raises BadInput `columns_differ` when these columns have not the same number of rows."""
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        raise BadInput(f"{what}: columns of different length: {lengths}", code="columns_differ")
