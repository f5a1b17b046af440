"""What several groups of casework's API take and give."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from webui.api._fields import Given, Id


class FromRow(BaseModel):
    """Read from a row's attributes of the same names."""

    model_config = ConfigDict(from_attributes=True)


class FileQuery(Given):
    name: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(description="The file's name")


class KeptOut(BaseModel):
    sha256: str


class MadeOut(BaseModel):
    id: Id
