"""Names of money in flight in the reader's language: answers, rules, holds, lists."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

SCORING: dict[str, dict[str, LazyString]] = {
    "answer": {
        "allow": _l("allow"), "review": _l("review"), "challenge": _l("challenge"), "hold": _l("hold"),
        "refuse": _l("refuse"), "none": _l("—"),
    },
    "alert": {"open": _l("open"), "fraud": _l("fraud"), "false_alarm": _l("false alarm")},
    "hold": {
        "waiting": _l("waits for verification"), "person": _l("waits for a person"), "released": _l("released"),
        "refused": _l("refused"), "expired": _l("expired"),
    },
    "appeal": {"open": _l("open"), "granted": _l("granted"), "denied": _l("denied")},
    "hold_verb": {
        "verify_ok": _l("customer verified"), "verify_failed": _l("verification failed"), "escalate": _l("escalated"),
        "take": _l("taken"), "extend": _l("extended"), "release": _l("released"), "refuse": _l("refused"),
        "expire": _l("expired"), "appeal": _l("appeal made"), "appeal_granted": _l("appeal granted"),
        "appeal_denied": _l("appeal denied"),
    },
    "basis": {
        "score": _l("score"), "rule": _l("a rule's least answer"), "block": _l("block"), "override": _l("override"),
        "network": _l("the network is missing"),
    },
    "block": {"none": _l("—"), "soft": _l("soft"), "hard": _l("hard: nothing beats it")},
    "proposal": {
        "proposed": _l("proposed"), "approved": _l("approved"), "rejected": _l("rejected"),
        "withdrawn": _l("withdrawn"), "expired": _l("expired"),
    },
    "list": {"illegal": _l("illegal accounts"), "stop_payment": _l("under stop-payment"), "watch": _l("watch list")},
    "list_kind": {"account": _l("account"), "phone": _l("phone"), "device": _l("device"), "ip": _l("address")},
    "number_kind": {
        "mobile": _l("mobile"), "fixed": _l("fixed line"), "voip": _l("internet telephony"), "service": _l("service number"),
        "iot": _l("machine card"), "short_code": _l("short code"), "other": _l("other"), "invalid": _l("no number"),
    },
    "number_signal": {
        "iot_card": _l("machine card"), "resold_range": _l("virtual operator's range"),
        "many_cards_one_device": _l("many cards in one device"), "one_card_many_devices": _l("one card in many devices"),
        "dormant_then_burst": _l("silent, then a burst of calls"),
    },
    "close": {
        "asked": _l("asked to close"), "closed": _l("closed"), "refused": _l("refused"), "not_found": _l("not found there"),
    },
    "rule": {
        "large_burst": _l("Many large transfers"), "cross_border": _l("Cross-border"),
        "away_limit": _l("Away or new device, over the limit"), "crypto_purchase": _l("Crypto purchases"),
        "call_then_new_payee": _l("New payee after a long call"), "listed_payee": _l("Payee on a list"),
        "listed_payer": _l("Payer on a list"), "mule_chain_payee": _l("Payee in a mule chain"),
        "community_payee": _l("Payee in a suspected community"), "near_known_bad": _l("Close to known-bad accounts"),
        "risky_payee": _l("Payee with high risk"), "dormant_woken": _l("Dormant account woken"),
        "pass_through": _l("Pass-through"), "structuring": _l("Structuring"),
        "fan_in_burst": _l("Many payers at once"), "fan_out_burst": _l("Many payees at once"),
        "unusual_amount": _l("Far above the habit"), "unusual_hour": _l("Unusual hour"),
        "shared_device": _l("Device of many accounts"), "young_payee": _l("Young account takes in much"),
    },
}  # fmt: skip
