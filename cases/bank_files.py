"""Files that tell a simulated bank what to do: JSON, read strictly, with the field named that is wrong."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from core.errors import BadInput


class Told(BaseModel):
    """A part of such a file: nothing unknown, nothing of another type."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


T = TypeVar("T", bound=Told)


def read(what: str, form: type[T], text: str) -> T:
    """The file as its form. Raises BadInput `bank_<what>` naming the field and what was expected."""
    try:
        return form.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise BadInput(f"{what}: {where}: {first['msg']}", code=f"bank_{what}") from error
