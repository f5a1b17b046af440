"""The book of a simulated bank from a file: accounts, and the payments that will happen at their moments."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cases.simulated_bank import BankAccount, Move, SimulatedBank
from core.errors import BadInput

_Id = Annotated[str, Field(min_length=1, max_length=128)]
_Minor = Annotated[int, Field(ge=0, le=10**18)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Account(_Strict):
    number: _Id
    bank: Annotated[str, Field(min_length=1, max_length=64)]
    holder: Annotated[str, Field(min_length=1, max_length=200)]
    balance_minor: _Minor = 0
    kind: Literal["bank", "cash", "wallet"] = "bank"


class _Move(_Strict):
    id: _Id
    source: _Id
    target: _Id
    amount_minor: _Minor
    at_ms: Annotated[int, Field(ge=0)]
    channel: str = Field("transfer", max_length=32)


class _Book(_Strict):
    accounts: list[_Account] = []
    moves: list[_Move] = []


def read(text: str) -> SimulatedBank:
    """The banks of `{"accounts": [...], "moves": [...]}`. Raises BadInput naming the field and what was expected."""
    try:
        told = _Book.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise BadInput(f"book: {where}: {first['msg']}", code="bank_book") from error
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
