"""Names of casework in the reader's language: states, verbs, kinds and reasons."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

CASEWORK: dict[str, dict[str, LazyString]] = {
    "delivery_state": {
        "queued": _l("waiting"), "sending": _l("being sent"), "unknown": _l("in doubt"), "delivered": _l("delivered"),
        "failed": _l("failed"), "cancelled": _l("cancelled"),
    },
    "delivery_kind": {
        "stop_order": _l("stop-payment order"),
        "hold": _l("hold"),
        "endpoint_notice": _l("change of the endpoint"),
        "endpoint_left": _l("change, told to the old place"),
    },
    "endpoint_change": {
        "new": _l("new endpoint"),
        "move": _l("other address"),
        "rotate": _l("new secrets"),
        "remove": _l("removal"),
    },
    "secret": {"out": _l("Ringtrace signs with"), "in": _l("The endpoint signs with")},
    "settling": {"arrived": _l("it arrived"), "send_again": _l("send it again"), "drop": _l("drop it")},
    "lead_state": {
        "open": _l("open"),
        "mine": _l("mine"),
        "all": _l("all"),
        "new": _l("new lead"),
        "assigned": _l("assigned"),
        "verified": _l("verified"),
        "proposed": _l("proposed, waits for a second person"),
        "adopted": _l("adopted"),
        "dismissed": _l("dismissed"),
        "rejected": _l("rejected"),
    },
    "lead_source": {
        "staff": _l("staff"),
        "customer": _l("customer"),
        "hotline": _l("hotline"),
        "police": _l("police"),
        "agency": _l("another agency"),
        "form": _l("form"),
        "api": _l("API"),
    },
    "typology": {
        "fake_police": _l("fake police"),
        "game_trade": _l("game trade"),
        "impersonation": _l("impersonation"),
        "investment": _l("investment"),
        "loan": _l("loan"),
        "malware": _l("malware"),
        "phishing": _l("phishing"),
        "romance": _l("romance"),
        "shopping": _l("shopping"),
        "task_scam": _l("task scam"),
    },
    "item_kind": {
        "account": _l("account"),
        "phone": _l("phone"),
        "amount": _l("amount"),
        "time": _l("time"),
        "person": _l("person"),
    },
    "item_state": {
        "proposed": _l("proposed"),
        "confirmed": _l("confirmed"),
        "rejected": _l("not so"),
    },
    "trace_failed": {
        "no_account": _l("None of the named accounts is in the data: check them, or add one."),
        "no_payment": _l("No payment fits the named accounts, amounts and times: check them."),
    },
    "trace_why": {
        "between": _l("between the named accounts"),
        "amount_out": _l("out of a named account, with a named amount"),
        "amount_in": _l("into a named account, with a named amount"),
        "near": _l("out of a named account, near a named time"),
    },
    "case_state": {
        "open": _l("open"),
        "mine": _l("mine"),
        "closed": _l("closed"),
        "merged": _l("merged"),
        "all": _l("all"),
    },
    "link_kind": {
        "finding": _l("finding"),
        "alert": _l("alert"),
        "case": _l("case"),
    },
    "order_state": {
        "waiting": _l("waiting for the bank"),
        "all": _l("all"),
        "draft": _l("draft"),
        "approved": _l("approved"),
        "unknown": _l("in doubt"),
        "sent": _l("sent"),
        "acknowledged": _l("acknowledged"),
        "frozen_part": _l("frozen in part"),
        "frozen": _l("frozen in full"),
        "refused": _l("refused"),
        "gone": _l("already gone"),
        "withdrawn": _l("withdrawn"),
        "expired": _l("expired"),
        "failed": _l("failed"),
    },
    "freeze_state": {
        "ordered": _l("ordered"),
        "frozen": _l("frozen"),
        "extended": _l("extended"),
        "released": _l("released"),
        "returned": _l("returned"),
    },
    "freeze_verb": {
        "ordered": _l("ordered"),
        "frozen": _l("frozen"),
        "extended": _l("extended"),
        "released for return": _l("released for return"),
        "let go": _l("let go"),
        "lapsed": _l("lapsed"),
        "returned": _l("returned"),
        "closed without a freeze": _l("closed without a freeze"),
    },
    "answer_effect": {
        "applied": _l("applied"),
        "late": _l("late: changes nothing"),
        "wrong_account": _l("set aside: another account or holder"),
        "more_than_ordered": _l("set aside: more than ordered"),
        "not_in_full": _l("set aside: not the full amount"),
        "not_a_part": _l("set aside: not a part"),
        "no_stop_time": _l("set aside: no time of the stop"),
        "never_sent": _l("set aside: the order was never sent"),
    },
    "return_state": {
        "draft": _l("draft"),
        "approved": _l("approved"),
        "dropped": _l("dropped"),
    },
    "scan": {
        "not scanned": _l("not scanned"),
        "clean": _l("clean"),
    },
    "outcome": {
        "received": _l("received, waits for an officer"),
        "working": _l("an officer is working on it"),
        "adopted": _l("confirmed as fraud"),
        "dismissed": _l("examined: no fraud found"),
        "rejected": _l("not taken up"),
    },
    "kpi_group": {
        "all": _l("all together"),
        "week": _l("by week"),
        "region": _l("by region"),
        "typology": _l("by kind of fraud"),
    },
    "kpi": {
        "cases": _l("Cases opened"),
        "loss": _l("Loss"),
        "frozen": _l("Frozen"),
        "returned": _l("Returned"),
        "recovery_rate": _l("Recovery rate"),
        "precision": _l("Precision"),
        "recall": _l("Recall"),
        "minutes_to_stop": _l("Minutes to stop"),
        "answers_within_2h": _l("Banks' results within 2 h"),
        "answers_within_1h": _l("Leads answered within 1 h"),
        "reports_within_2h": _l("First reports within 2 h"),
        "wrong_hold_rate": _l("Wrong-hold rate"),
        "layers": _l("Layers traced"),
    },
    "kpi_definition": {
        "cases": _l(
            "How much came in: every case opened in the window, by the day it was opened; a case merged into another is not counted twice"
        ),
        "loss": _l(
            "What victims say they lost, in the cases opened in the window, whether or not it is found again"
        ),
        "frozen": _l(
            "What banks reported stopped by orders of these cases, at its highest: later releases and returns do not lower it"
        ),
        "returned": _l(
            "What banks reported paid back to the victims of these cases; money for the police account is not in it"
        ),
        "recovery_rate": _l(
            "How much of the victims' loss is safe: still held, set free for a return, or returned; money let go does not count"
        ),
        "precision": _l(
            "How often the product was right where it followed money: of the traced leads two persons decided, those they adopted"
        ),
        "recall": _l(
            "How much of what is true the product finds: of the leads two persons adopted, those whose money it followed"
        ),
        "minutes_to_stop": _l(
            "How fast money stops moving: from the lead's receipt to the moment the bank says its stop began, over the orders that froze any"
        ),
        "answers_within_2h": _l(
            "How many approved orders the banks answered with a result within the 2 hours they have; an acknowledgement is no result"
        ),
        "answers_within_1h": _l(
            "How many leads a person took up or turned down within an hour of receipt; one not answered yet counts as late"
        ),
        "reports_within_2h": _l(
            "How many leads a person had checked within 2 hours of receipt; one not checked yet counts as late"
        ),
        "wrong_hold_rate": _l(
            "How often innocent holders were stopped: of the orders that froze money, those let go as a mistake"
        ),
        "layers": _l(
            "How far down the chain orders reach: the hop at which their account got the money"
        ),
    },
    "kpi_formula": {
        "cases": _l("cases opened, merged ones left out"),
        "loss": _l("sum of victims' claimed losses"),
        "frozen": _l("sum of money ever frozen by orders"),
        "returned": _l("sum of money paid back to victims"),
        "recovery_rate": _l("(held + set free for return + returned) / loss"),
        "precision": _l("traced leads adopted / traced leads adopted or dismissed"),
        "recall": _l("adopted leads whose money was traced / adopted leads"),
        "minutes_to_stop": _l("mean of (bank's moment of the stop - lead received)"),
        "answers_within_2h": _l("orders with the bank's result by the 2-hour clock / orders approved"),
        "answers_within_1h": _l("leads answered within 1 hour / leads"),
        "reports_within_2h": _l("leads verified within 2 hours / leads"),
        "wrong_hold_rate": _l("freezes let go as wrong / freezes"),
        "layers": _l("mean layer of approved orders, the first payee is 1"),
    },
    "kpi_owner": {
        "duty officer": _l("duty officer"),
        "stop-payment desk": _l("stop-payment desk"),
        "returns desk": _l("returns desk"),
        "head of the centre": _l("head of the centre"),
        "analysis": _l("analysis"),
        "legal": _l("legal"),
    },
    "case_event": {
        "case.opened": _l("case opened"),
        "case.lead_added": _l("lead added"),
        "case.linked": _l("linked"),
        "case.merged": _l("merged"),
        "case.closed": _l("closed"),
        "note": _l("note"),
        "task.added": _l("task added"),
        "task.done": _l("task done"),
        "victim.added": _l("victim added"),
        "victim.pay_to": _l("account to pay to entered"),
        "return.dropped": _l("return dropped"),
        "evidence.added": _l("evidence taken in"),
        "reporter.read": _l("reporter unsealed"),
        "lead.assigned": _l("lead assigned"),
        "lead.verified": _l("lead checked"),
        "lead.proposed": _l("determination proposed"),
        "lead.adopted": _l("determination adopted"),
        "lead.dismissed": _l("lead dismissed"),
        "lead.sent_back": _l("determination sent back"),
        "lead.rejected": _l("lead rejected"),
        "order.drafted": _l("order drafted"),
        "order.edited": _l("order changed"),
        "order.approved": _l("order approved"),
        "order.withdrawn": _l("order withdrawn"),
        "order.expired": _l("draft expired"),
        "order.sent": _l("order delivered"),
        "order.unknown": _l("delivery in doubt"),
        "order.failed": _l("delivery failed"),
        "order.reminded": _l("bank reminded"),
        "order.escalated": _l("clock over: escalated"),
        "answer.acknowledged": _l("bank acknowledged"),
        "answer.frozen": _l("bank froze in full"),
        "answer.frozen_part": _l("bank froze a part"),
        "answer.refused": _l("bank refused"),
        "answer.gone": _l("money was gone"),
        "answer.set_aside": _l("answer set aside"),
        "freeze.extension_asked": _l("extension sent"),
        "freeze.extended": _l("freeze extended"),
        "freeze.extension_late": _l("extension came too late"),
        "freeze.let_go": _l("stop ended"),
        "freeze.lapsed": _l("stop lapsed"),
        "return.drafted": _l("return planned"),
        "return.approved": _l("return approved"),
        "return.paid": _l("return paid"),
        "return.set_aside": _l("report of return set aside"),
    },
    "channel": {"webhook": _l("webhook"), "sftp_file": _l("SFTP file"), "email_form": _l("e-mail form")},
}  # fmt: skip
