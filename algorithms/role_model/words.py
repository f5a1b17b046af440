"""Sentences for the figures of the role scorecard."""

from __future__ import annotations

from core.message import Said, say

_SHARES = {
    "best_new_payee": "first paid an account that takes part with {v:.0%}", "best_payer": "paid by an account that takes part with {v:.0%}",
    "paid_suspects_share": "{v:.0%} of what it sends goes to accounts that likely take part",
    "passed_share": "{v:.0%} of what it receives goes on within two days", "swift_share": "{v:.0%} goes on within the hour",
    "cash_share": "{v:.0%} of what it sends is drawn as cash", "coin_share": "{v:.0%} of what it sends buys coin",
    "busy_days_share": "active on {v:.0%} of the days of its life", "traced_in_share": "{v:.0%} of its income was passed on to it",
    "paid_passers_share": "{v:.0%} of what it sends goes to accounts that pass it on", "strange_payers_share": "{v:.0%} of its payers are strangers",
    "kept_from_passers": "keeps {v:.0%} of its income, got from accounts that pass money on",
    "from_victims": "{v:.0%} of its income is first-hand: from accounts that pass nothing on", "paid_back": "{v:.0%} of its payees also pay it",
}  # fmt: skip
_NUMBERS = {
    "new_payee_units": "largest first payment to a likely member: {v:,.1f} median payments", "suspect_payers": "paid by {v:,.1f} likely members",
    "new_honest_payers": "first paid by {v:,.0f} accounts that take no part",
    "received_units": "received {v:,.0f} median payments", "sent_units": "sent {v:,.0f} median payments", "payers": "{v:,.0f} payers",
    "payees": "{v:,.0f} payees", "transfers": "{v:,.0f} transfers", "fresh_days": "first used {v:,.0f} days after its opening",
    "life_days": "active over {v:,.0f} days", "depth": "stands {v:.1f} steps behind the first payment",
    "largest_to_passer": "largest payment to an account that passes it on: {v:,.1f} median payments",
    "passers_in": "paid by {v:,.0f} accounts that pass money on", "passers_out": "pays {v:,.0f} accounts that pass money on",
    "small_to_passers": "tiny payments to {v:,.0f} accounts that pass money on", "round_to_passers": "round sums to {v:,.0f} accounts that pass money on",
    "shared_holders": "shares a device, phone or address with {v:,.0f} holders in all", "shared_passers": "shares a device, phone or address with {v:,.0f} accounts that pass money on",
    "sims_on_device": "its phone sits in a device with {v:,.0f} SIM cards", "unknown_call": "longest call from a number never called back: {v:,.0f} s",
}  # fmt: skip
_FLAGS = {
    "is_exchange": ("an exchange account", "no exchange account"), "is_merchant": ("a merchant's", "no merchant's"),
    "is_firm": ("an organization's", "no organization's"), "is_hub": ("very many partners over a long time", "no hub"),
}  # fmt: skip


def tell(figure: str, value: float) -> Said:
    """One sentence for a figure and its value."""
    if figure in _FLAGS:
        return say(_FLAGS[figure][0 if value > 0.5 else 1])
    if figure == "fresh_days" and value >= 5_000:
        return say("no opening shortly before first use is known")
    return say(_SHARES.get(figure) or _NUMBERS[figure], v=value)
