"""YAML as people write settings in it: plain values, each written where it stands."""

from __future__ import annotations

from typing import Any

import yaml


class _NoAliases(yaml.SafeLoader):
    """Plain values only: an alias of an alias of an alias would grow beyond memory when it is written out."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases (*name) are not allowed: write the value again")
        return super().compose_node(parent, index)


def load(text: str) -> Any:
    """The text's value. Raises ValueError in one line for what is no YAML, has tags or aliases, or is nested too deeply."""
    try:
        return yaml.load(text, Loader=_NoAliases)  # noqa: S506  a safe loader
    except yaml.YAMLError as error:
        raise ValueError(" ".join(str(error).split())) from error
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
