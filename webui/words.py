"""Names of the schema, roles and findings in the reader's language."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from core.message import Said
from webui.casework_words import CASEWORK
from webui.context import once_a_request
from webui.scoring_words import SCORING
from webui.sentences import said, translate

LABELS: dict[str, LazyString] = {
    "Person": _l("Person"), "Account": _l("Account"), "Phone": _l("Phone"), "Device": _l("Device"),
    "IP": _l("IP address"), "Merchant": _l("Merchant"), "Organization": _l("Organization"), "Wallet": _l("Wallet"),
    "Handle": _l("Social account"), "Domain": _l("Domain"), "Finding": _l("Finding"),
}  # fmt: skip
RELS: dict[str, LazyString] = {
    "OWNS": _l("owns"), "HELD_AT": _l("held at"), "REGISTERED_WITH": _l("registered with"),
    "USED_DEVICE": _l("used device"), "CONNECTED_FROM": _l("connected from"), "TRANSFER": _l("transfer"),
    "EXCHANGED": _l("exchanged"), "MOVED": _l("moved coin"), "CALLED": _l("called"), "TEXTED": _l("texted"),
    "VISITED": _l("visited"), "INVOLVES": _l("involves"),
}  # fmt: skip
KINDS: dict[str, LazyString] = {
    "community": _l("Community"), "component": _l("Connected component"), "mule_chain": _l("Mule chain"),
    "fan_in": _l("Fan-in"), "fan_out": _l("Fan-out"), "cycle": _l("Cycle"), "risk": _l("Risk"),
    "scatter_gather": _l("Scatter-gather"), "gather_scatter": _l("Gather-scatter"),
    "bipartite": _l("Bipartite layering"), "stack": _l("Stack"), "random_walk": _l("Random walk layering"), "key_account": _l("Key account"),
    "structuring": _l("Structuring"), "pass_through": _l("Pass-through"),
    "dormant_burst": _l("Dormant then burst"), "new_account_burst": _l("New account burst"),
    "crypto_round_trip": _l("Crypto round trip"), "shared_device": _l("Shared devices"), "sim_farm": _l("SIM farm"),
    "call_then_pay": _l("Call, then pay"), "lookalike": _l("Look-alike accounts"),
    "changed_accounts": _l("Changed accounts"), "roles": _l("Roles"), "gang": _l("Gang"),
    "learned_risk": _l("Learned risk"),
}  # fmt: skip
MEMBER_ROLES: dict[str, LazyString] = {
    "victim": _l("victim"), "mule": _l("mule"), "collector": _l("collector"), "cash_out": _l("cash-out"),
    "cash_point": _l("cash point"), "exchanger": _l("exchanger"), "exchange": _l("exchange"),
    "recipient": _l("recipient"), "member": _l("member"), "hub": _l("hub"), "distributor": _l("distributor"),
    "payer": _l("payer"), "payee": _l("payee"), "sender": _l("sender"), "receiver": _l("receiver"),
    "cycle_member": _l("in the cycle"), "shared_identifier": _l("shared identifier"), "wallet": _l("wallet"),
    "controller": _l("controller"), "structurer": _l("structurer"), "sharer": _l("sharer"), "caller": _l("caller"),
    "sim_box": _l("SIM box"), "new": _l("new account"), "vanished": _l("vanished account"), "woken": _l("woken account"),
    "recruiter": _l("recruiter"), "bystander": _l("honest bystander"), "unclear": _l("unclear"),
}  # fmt: skip
ROLES: dict[str, LazyString] = {
    "investigator": _l("investigator"), "analyst": _l("analyst"), "task_force": _l("task-force member"),
    "supervisor": _l("supervisor"), "auditor": _l("auditor"), "administrator": _l("administrator"),
    "bank_system": _l("bank system"), "agency_system": _l("agency system"),
}  # fmt: skip
#: What a page says for an error's stable code; the API keeps the English detail.
ERRORS: dict[str, LazyString] = {
    "not_signed_in": _l("Sign in first: nobody is signed in, or the session has ended."),
    "not_allowed": _l("Your role does not give you this. Ask an administrator for a role that has it."),
    "not_found": _l("There is nothing under this address, or it is not known here."),
    "csrf": _l("The page was open for too long or was not made here. Load it again and repeat."),
    "too_many_requests": _l("Too many tries from this address. Wait a minute."),
    "no_destination": _l("A victim who gets money has no account to pay to: enter it beside the victim, then plan again."),
    "plan_waits": _l("A plan of return waits for approval: drop it first."),
    "wrong_password": _l("The current password is not right."),
    "weak_password": _l("Choose another password: 12 to 128 characters, not easy to guess, without the sign-in name, not the current one."),
    "name_taken": _l("This sign-in name is taken."),
    "no_algorithm": _l("Choose at least one algorithm, or run all."),
    "run_going_on": _l("A run is going on: wait for it or stop it first."),
    "last_administrator": _l("This is the last administrator: make another one first."),
    "verdict_grounds": _l("Write down your grounds: 10 to 4,000 characters."),
    "verdict_outdated": _l("Somebody else judged this finding meanwhile. Look at it again."),
    "verdict_not_possible": _l("A finding of this status cannot be given this verdict."),
    "four_eyes": _l("A second person confirms an adoption, not the one who proposed it."),
    "own_proposal": _l("Somebody else must decide on your proposal."),
    "own_destination": _l("You said where money of this plan goes: somebody else approves it."),
    "own_decision": _l("You refused this transfer: somebody else turns the appeal down."),
    "change_waits": _l("A change of this endpoint by somebody else waits already: decide on it first."),
    "change_edited": _l("The proposal was edited after you looked at it: look again."),
    "change_outdated": _l("The endpoint has changed since this was proposed: propose it again."),
    "change_decided": _l("Somebody else has just decided on this proposal: look again."),
    "change_expired": _l("Nobody decided on this change in time: propose it again."),
    "secret_shown": _l("This secret was shown already or is no longer in use: propose new ones."),
    "deliveries_open": _l("Deliveries to this endpoint are under way: wait for their end."),
    "endpoint_used": _l("Outcomes of holds go to this endpoint: send them elsewhere first."),
    "endpoint_taken": _l("There is an endpoint of this name already: propose a change of it."),
    "nothing_changes": _l("Nothing would change: the endpoint has this title, channel and address."),
    "no_person": _l("A verdict is a person's act: sign in to give one."),
    "store_unavailable": _l("The graph store does not answer now. Try again, or tell the operator."),
    "internal": _l("Something went wrong here; the log of the server says what."),
}  # fmt: skip
STATUSES: dict[str, LazyString] = {
    "suggested": _l("suggestion"), "proposed": _l("adoption proposed"), "adopted": _l("adopted"),
    "rejected": _l("rejected"), "needs_more": _l("needs more"),
}  # fmt: skip
#: A verb as what was done, and as what a button does.
VERBS: dict[str, LazyString] = {
    "adopt": _l("adoption proposed"), "confirm": _l("adoption confirmed"), "reject": _l("rejected"),
    "need_more": _l("needs more"),
}  # fmt: skip
VERBS_DO: dict[str, LazyString] = {
    "adopt": _l("Propose adoption"), "reject": _l("Reject"), "need_more": _l("Needs more"),
}  # fmt: skip
THEMES: dict[str, LazyString] = {"auto": _l("as the system"), "light": _l("light"), "dark": _l("dark")}

#: What became of a gang since the run before.
GANG_CHANGES: dict[str, LazyString] = {
    "born": _l("new"), "same": _l("unchanged"), "grew": _l("grew"), "shrank": _l("shrank"), "merged": _l("merged"),
    "split": _l("split off"),
}  # fmt: skip
AGES: dict[str, LazyString] = {
    "under 18": _l("under 18"), "18-29": _l("18 to 29"), "30-44": _l("30 to 44"), "45-59": _l("45 to 59"),
    "60 and over": _l("60 and over"), "unknown": _l("unknown"),
}  # fmt: skip

RUN_STATES: dict[str, LazyString] = {
    "running": _l("running"), "stopping": _l("stopping"), "done": _l("done"), "cancelled": _l("stopped"),
    "failed": _l("failed"),
}  # fmt: skip
#: Where a search found its text.
FOUND_IN: dict[str, LazyString] = {
    "id": _l("id"), "name": _l("name"), "number": _l("account number"), "id_number": _l("identity number"),
    "title": _l("title"),
}  # fmt: skip
_BY_SUBJECT = {
    "label": LABELS, "rel": RELS, "kind": KINDS, "member_role": MEMBER_ROLES, "role": ROLES, "theme": THEMES,
    "status": STATUSES, "verb": VERBS, "verb_do": VERBS_DO,
    "found_in": FOUND_IN, "run_state": RUN_STATES, "gang_change": GANG_CHANGES, "age": AGES,
    **CASEWORK, **SCORING,
}  # fmt: skip


def word(name: str, subject: str) -> str:
    """The translated word for a stored name; an unknown one as plain words."""
    found = _BY_SUBJECT[subject].get(name)
    if found is None:
        return name.replace("_", " ")
    return once_a_request(subject, name, lambda _name: str(found))


def sentence(code: str, detail: str) -> str:
    """What to tell a person about an error: by its code, else its own detail, in the reader's language where it has words."""
    found = ERRORS.get(code)
    if found is not None:
        return str(found)
    return str(said(detail)) if isinstance(detail, Said) else translate(detail) if detail else detail
