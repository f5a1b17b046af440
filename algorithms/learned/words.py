"""What one column says of a transfer, in a sentence an investigator can check."""

from __future__ import annotations

from algorithms.features.spec import DAY_S

_ENDS = {"src": "payer", "dst": "payee"}
_WAYS = {"out": "paid", "in": "received"}
_STATISTICS = {
    "fan": "{end} {way}: {v:.0f} different counterparties", "degree": "{end} {way}: {v:.0f} payments",
    "ratio": "{end} {way}: {v:.1f} payments a counterparty", "mean": "{end} {way}: mean {money:,.2f}",
    "sum": "{end} {way}: {money:,.2f} together", "var": "{end} {way}: spread of amounts {spread:,.2f}",
    "skew": "{end} {way}: skew of amounts {v:.2f}", "kurtosis": "{end} {way}: kurtosis of amounts {v:.2f}",
    "age_mean_s": "{end} {way}: on average {hours:.1f} h ago", "age_sd_s": "{end} {way}: spread over {hours:.1f} h",
}  # fmt: skip
_PLAIN = {
    "history:pair_count": "earlier payments from this payer to this payee: {v:.0f}",
    "history:pair_since_s": "since the last payment of this pair: {ago}",
    "history:reverse_count": "earlier payments the other way: {v:.0f}",
    "history:reverse_since_s": "since the last payment the other way: {ago}",
    "history:src_since_out_s": "since the payer last paid: {ago}", "history:src_since_in_s": "since the payer last received: {ago}",
    "history:src_seen_s": "since the payer was first seen: {ago}",
    "history:src_last_in_ratio": "amount as a share of what the payer last received: {share}",
    "history:dst_since_out_s": "since the payee last paid: {ago}", "history:dst_since_in_s": "since the payee last received: {ago}",
    "history:dst_seen_s": "since the payee was first seen: {ago}",
    "history:dst_last_in_ratio": "amount as a share of what the payee last received: {share}",
    "fact:log_amount": "the amount itself", "fact:hour": "hour of the day: {v:.0f}", "fact:weekday": "day of the week: {v:.0f}",
    "fact:round_hundreds": "a round amount: {yes}", "fact:is_converted": "currency converted: {yes}",
    "fact:src_age_days": "age of the payer's account: {days}", "fact:dst_age_days": "age of the payee's account: {days}",
    "fact:shared_identifiers": "phones, devices, addresses or owners in common: {v:.0f}",
}  # fmt: skip
_PATTERNS = {
    "scatter_gather": "scatter-gathers with {v:.0f} x at least {least} middles",
    "temporal_cycle": "cycles in order of time of at least {least} payments: {v:.0f}",
    "cycle": "cycles of at least {least} payments: {v:.0f}",
}


def tell(name: str, value: float) -> str:
    """The column's value in words; windows are named by days or hours. Amounts are in the currency's major unit of two decimals."""
    filled = {
        "v": value, "money": value / 100, "spread": max(value, 0.0) ** 0.5 / 100, "hours": value / 3600, "ago": _ago(value),
        "share": "nothing to compare" if value < 0 else f"{value:.2f}", "yes": "yes" if value else "no",
        "days": "not known" if value < 0 else f"{value:.0f} days",
    }  # fmt: skip
    if name in _PLAIN:
        return _PLAIN[name].format(**filled)
    group, _, rest = name.partition(":")
    if group in _PATTERNS:
        return _PATTERNS[group].format(**filled, least=rest)
    what, _, window = rest.rpartition("_")
    within = f"within {int(window) // DAY_S} d" if int(window) % DAY_S == 0 else f"within {int(window) / 3600:.1f} h"
    if group == "flow":
        said = (
            "share of the amount that the payer had received"
            if what == "covered_share"
            else "share of what the payer received that has left"
        )
        return f"{said}, {within}: " + ("nothing received" if value < 0 else f"{value:.2f}")
    end, way, statistic = what.split("_", 2)
    return _STATISTICS[statistic].format(end=_ENDS[end], way=_WAYS[way], **filled) + f", {within}"


def _ago(seconds: float) -> str:
    if seconds < 0:
        return "never before"
    return (
        f"{seconds / 60:.0f} min"
        if seconds < 7200
        else f"{seconds / 3600:.0f} h"
        if seconds < 172_800
        else f"{seconds / 86_400:.0f} d"
    )
