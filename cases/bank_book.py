"""The book of a simulated bank from a file: accounts, and the payments that will happen at their moments."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from cases import bank_files
from cases.bank_files import Told
from cases.simulated_bank import BankAccount, Move, SimulatedBank
from core.errors import BadInput

_Id = Annotated[str, Field(min_length=1, max_length=128)]
_Minor = Annotated[int, Field(ge=0, le=10**18)]


class _Account(Told):
    number: _Id
    bank: Annotated[str, Field(min_length=1, max_length=64)]
    holder: Annotated[str, Field(min_length=1, max_length=200)]
    balance_minor: _Minor = 0
    kind: Literal["bank", "cash", "wallet"] = "bank"


class _Move(Told):
    id: _Id
    source: _Id
    target: _Id
    amount_minor: _Minor
    at_ms: Annotated[int, Field(ge=0)]
    channel: str = Field("transfer", max_length=32)


class _Book(Told):
    accounts: list[_Account] = Field(default_factory=list)
    moves: list[_Move] = Field(default_factory=list)


def read(text: str) -> SimulatedBank:
    """The banks of `{"accounts": [...], "moves": [...]}`. Raises BadInput naming the field and what was expected."""
    told = bank_files.read("book", _Book, text)
    known = {account.number for account in told.accounts}
    if len(known) < len(told.accounts):
        raise BadInput("book: accounts: each number stands once", code="bank_book")
    for place, move in enumerate(told.moves):
        if not {move.source, move.target} <= known:
            raise BadInput(f"book: moves.{place}: source and target must be accounts of the book", code="bank_book")
    return SimulatedBank(
        [BankAccount(**account.model_dump()) for account in told.accounts],
        [Move(**move.model_dump()) for move in told.moves],
    )
