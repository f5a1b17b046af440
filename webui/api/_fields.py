"""The fields of what the API takes: unknown ones are refused; whole numbers must be whole numbers, not floats or booleans."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictInt, StrictStr, StringConstraints

from core.clock import LAST_MS

Id = Annotated[StrictStr, StringConstraints(min_length=1, max_length=512)]
Label = Annotated[StrictStr, StringConstraints(min_length=1, max_length=32)]
TimeMs = Annotated[StrictInt, Field(ge=0, le=LAST_MS)]
Minor = Annotated[StrictInt, Field(ge=0, le=10**18)]
Key = tuple[Label, Id]
Offset = Annotated[int, Field(ge=0, le=1_000_000)]


class Given(BaseModel):
    """Anything that comes in."""

    model_config = ConfigDict(extra="forbid", frozen=True)
