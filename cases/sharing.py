"""How frozen money is shared: victims first, pro rata to what each still lacks, the rest to the police account.

Fen that division leaves over go one by one to the largest remainders (Hamilton's method), ties by the order of the claims,
so that the shares add up to the money exactly. See 电信网络新型违法犯罪案件冻结资金返还若干规定 (银监发〔2016〕41号) §7: pro rata
when victims' money cannot be told apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import BadInput

POLICE = "police"


@dataclass(frozen=True, slots=True)
class Claim:
    """What one victim still lacks, minor units."""

    victim_id: str
    lacking_minor: int


@dataclass(frozen=True, slots=True)
class Share:
    """One victim's part and how it was reckoned, to be shown: `claim × money / claims = whole + remainder / claims`."""

    victim_id: str
    amount_minor: int
    claim_minor: int
    claims_minor: int
    money_minor: int
    whole_minor: int
    remainder: int
    extra_minor: int


@dataclass(frozen=True, slots=True)
class Sharing:
    """Everybody's part; `police_minor` is what is left when all victims have all."""

    shares: tuple[Share, ...]
    police_minor: int
    money_minor: int


def share(money_minor: int, claims: Sequence[Claim]) -> Sharing:
    """Share `money_minor` among the claims. Raises BadInput for negative amounts or a victim named twice."""
    if money_minor < 0 or any(claim.lacking_minor < 0 for claim in claims):
        raise BadInput("amounts to share must not be negative")
    if len({claim.victim_id for claim in claims}) < len(claims):
        raise BadInput("each victim has one claim")
    total = sum(claim.lacking_minor for claim in claims)
    given = min(money_minor, total)
    # whole numbers all the way: a float would lose fen
    parts = [divmod(claim.lacking_minor * given, total) if total else (0, 0) for claim in claims]
    left = given - sum(whole for whole, _ in parts)
    first = sorted(range(len(claims)), key=lambda at: (-parts[at][1], at))[:left]
    extra = dict.fromkeys(first, 1)
    shares = tuple(
        Share(
            claim.victim_id, whole + extra.get(at, 0), claim.lacking_minor, total, given, whole, remainder,
            extra.get(at, 0),
        )
        for at, (claim, (whole, remainder)) in enumerate(zip(claims, parts, strict=True))
    )  # fmt: skip
    return Sharing(shares, money_minor - given, money_minor)


@dataclass(frozen=True, slots=True)
class Source:
    """Money of one freeze that is to be shared."""

    freeze_id: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Line:
    """So much from this freeze to this victim, or to the police account."""

    freeze_id: str
    victim_id: str
    amount_minor: int


def lines(sharing: Sharing, sources: Sequence[Source]) -> list[Line]:
    """Which freeze pays whom: sources are used up in their order. Raises BadInput when they do not add up to the money."""
    if sum(source.amount_minor for source in sources) != sharing.money_minor:
        raise BadInput("the sources do not add up to the money that is shared")
    wanted = [(item.victim_id, item.amount_minor) for item in sharing.shares] + [(POLICE, sharing.police_minor)]
    left = [source.amount_minor for source in sources]
    at, found = 0, []
    for victim, amount in wanted:
        while amount:
            if not left[at]:
                at += 1
                continue
            paid = min(amount, left[at])
            found.append(Line(sources[at].freeze_id, victim, paid))
            left[at] -= paid
            amount -= paid
    return found
