"""Options a person gives a loader, checked before any file is read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from core.errors import BadInput
from core.money import EXPONENT


def check_known(options: Mapping[str, str], known: Mapping[str, str], loader: str) -> None:
    """Raise BadInput for an option the loader does not have."""
    for name in options:
        if name not in known:
            told = "; ".join(f"{one}: {what}" for one, what in known.items())
            raise BadInput(f"{loader} has no option {name!r}; it has {told or 'none'}", code="unknown_option")


def currency(options: Mapping[str, str], default: str) -> str:
    """The `currency` option as a known code."""
    code = options.get("currency", default).strip().upper()
    if code not in EXPONENT:
        raise BadInput(f"currency {code!r} is unknown; known are {', '.join(EXPONENT)}", code="unknown_currency")
    return code


def start_ms(options: Mapping[str, str], default: str) -> int:
    """The `epoch` option: the time of step 0 as ISO 8601, in UTC when it has no zone, in epoch milliseconds."""
    text = options.get("epoch", default)
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInput(f"epoch {text!r} is no date such as 2020-01-01", code="bad_option") from error
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000)


def step_ms(options: Mapping[str, str], default: str) -> int:
    """The `step` option: length of one time step such as 1d, 1h, 30m or 10s, in milliseconds."""
    text = options.get("step", default).strip().lower()
    unit = {"s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}.get(text[-1:])
    if unit is None or not text[:-1].isdigit() or int(text[:-1]) == 0:
        raise BadInput(f"step {text!r} is no length such as 1d, 1h, 30m or 10s", code="bad_option")
    return int(text[:-1]) * unit


def one_of(options: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> str:
    """An option with a few possible values; the first is the default."""
    value = options.get(name, allowed[0])
    if value not in allowed:
        raise BadInput(f"{name} {value!r} is not one of {', '.join(allowed)}", code="bad_option")
    return value
