"""Names of the schema, roles and findings in the reader's language."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

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
    "communities": _l("Community"), "community": _l("Community"), "mule_chains": _l("Mule chain"),
    "mule_chain": _l("Mule chain"), "fan_in": _l("Fan-in"), "fan_out": _l("Fan-out"), "cycles": _l("Cycle"),
    "cycle": _l("Cycle"), "risk": _l("Risk"), "wcc": _l("Connected component"),
}  # fmt: skip
MEMBER_ROLES: dict[str, LazyString] = {
    "victim": _l("victim"), "mule": _l("mule"), "collector": _l("collector"), "cash_out": _l("cash-out"),
    "member": _l("member"), "hub": _l("hub"), "source": _l("source"), "target": _l("target"),
    "exchange": _l("exchange"), "account": _l("account"), "subject": _l("subject"), "resting": _l("resting balance"),
    "sender": _l("sender"), "receiver": _l("receiver"), "shared": _l("shared identifier"),
}  # fmt: skip
ROLES: dict[str, LazyString] = {
    "investigator": _l("investigator"), "analyst": _l("analyst"), "task_force": _l("task-force member"),
    "supervisor": _l("supervisor"), "auditor": _l("auditor"), "administrator": _l("administrator"),
}  # fmt: skip
THEMES: dict[str, LazyString] = {"auto": _l("as the system"), "light": _l("light"), "dark": _l("dark")}

_BY_SUBJECT = {
    "label": LABELS, "rel": RELS, "kind": KINDS, "member_role": MEMBER_ROLES, "role": ROLES, "theme": THEMES,
}  # fmt: skip


def word(name: str, subject: str) -> str:
    """The translated word for a stored name; an unknown one as plain words."""
    found = _BY_SUBJECT[subject].get(name)
    return str(found) if found is not None else name.replace("_", " ")
