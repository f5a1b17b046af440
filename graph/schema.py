"""The one schema: labels, relationships, keys, property types, units and privacy class.

Tables and constraints of both stores, input checks, exports and docs/schema.md are made from this file.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

SCHEMA_VERSION = 1


class Kind(StrEnum):
    """Property types both stores hold alike. Times are UTC epoch milliseconds; money is integer minor units."""

    STRING = "STRING"
    INT = "INT64"
    FLOAT = "DOUBLE"
    BOOL = "BOOL"
    TIME_MS = "TIME_MS"
    MONEY = "MONEY"
    STRINGS = "STRING[]"


class Privacy(StrEnum):
    """How closely a value is kept: PERSONAL names or reaches a person, SENSITIVE is an identity document or free text."""

    PUBLIC = "public"
    INTERNAL = "internal"
    PERSONAL = "personal"
    SENSITIVE = "sensitive"


@dataclass(frozen=True, slots=True)
class Property:
    """One property: its name, type, whether a row without it is rejected, and what it means."""

    name: str
    kind: Kind
    doc: str
    required: bool = False
    privacy: Privacy = Privacy.INTERNAL


@dataclass(frozen=True, slots=True)
class NodeType:
    """A label; its key is always the property `id`, a stable business id."""

    label: str
    doc: str
    properties: tuple[Property, ...]
    added: tuple[Property, ...] = ()
    """Own properties that came later: an older store gets them when it is opened, behind those it has."""

    @property
    def columns(self) -> tuple[Property, ...]:
        """All stored properties: the key, the label's own, where the row came from, then those that came later."""
        return (KEY, *self.properties, *PROVENANCE, *self.added)


@dataclass(frozen=True, slots=True)
class RelType:
    """A relationship type with its allowed end labels.

    `event` types happened at a time and are keyed by their own event id; others are states,
    keyed by an id derived from type and both ends, so that loading the same state twice changes nothing.
    """

    name: str
    doc: str
    pairs: tuple[tuple[str, str], ...]
    properties: tuple[Property, ...] = ()
    event: bool = False
    added: tuple[Property, ...] = ()
    """As of `NodeType`."""

    @property
    def is_sighting(self) -> bool:
        """Whether rows are sightings of a state, which logs give again and again: first time, last time, how often."""
        return not self.event and any(prop.name == "last_seen_ms" for prop in self.properties)

    @property
    def columns(self) -> tuple[Property, ...]:
        """All stored properties: the id, the type's own, where the row came from, those that came later. Ends are `from_id`, `to_id`."""
        return (REL_KEY, *self.properties, *PROVENANCE, *self.added)


def _s(name: str, doc: str, *, required: bool = False, privacy: Privacy = Privacy.INTERNAL) -> Property:
    return Property(name, Kind.STRING, doc, required, privacy)


def _t(name: str, doc: str, *, required: bool = False) -> Property:
    return Property(name, Kind.TIME_MS, doc, required)


def _i(name: str, doc: str) -> Property:
    return Property(name, Kind.INT, doc)


KEY = _s("id", "Stable business id, unique within the label", required=True, privacy=Privacy.PERSONAL)
REL_KEY = _s("id", "Event id, or an id derived from type and ends", required=True)
PROVENANCE: tuple[Property, ...] = (
    _s("source", "File or feed the row came from"),
    _i("source_row", "Row number in that file, from 1; 0 when there is none"),
    _i("load_seq", "Sequence number of the ledger batch"),
    _t("loaded_at_ms", "When the batch entered the ledger"),
)

_P, _X = Privacy.PERSONAL, Privacy.SENSITIVE
_AMOUNT = Property("amount_minor", Kind.MONEY, "Amount in minor units of the currency", required=True)
_CURRENCY = _s("currency", "ISO 4217 code, or the coin's code", required=True)
_AT = _t("at_ms", "When it happened", required=True)
_SEEN = (
    _t("first_seen_ms", "First time seen"),
    _t("last_seen_ms", "Last time seen"),
    _i("count", "How often seen"),
)
_REGION = _s("region", "Province, city or district as given")
_BLOCKED = Property("is_blocked", Kind.BOOL, "Blocked by its institution, as reported by the source")

NODES: dict[str, NodeType] = {
    node.label: node
    for node in (
        NodeType("Person", "A natural person", (
            _s("name", "Name as given", privacy=_P), _s("id_number", "Identity document number", privacy=_X),
            _s("gender", "As given", privacy=_P), _s("birth_date", "ISO 8601 date", privacy=_P),
            _s("country", "Country"), _REGION, _BLOCKED,
        )),
        NodeType("Account", "An account that holds money at a bank, payment company, merchant acquirer or exchange", (
            _s("number", "Account or card number as the institution writes it", privacy=_P),
            _s("name", "Holder's name as given with the account", privacy=_P),
            _s("kind", "bank, payment, merchant, exchange or cash (an ATM or counter where money leaves)"),
            _s("institution", "Bank or company that keeps the account"), _s("currency", "ISO 4217 code"),
            _s("status", "open, closed, frozen as reported"), _REGION,
            Property("opening_balance_minor", Kind.MONEY, "Balance before the first loaded transfer, minor units"),
            _t("opened_at_ms", "When opened"), _BLOCKED,
        )),
        NodeType("Phone", "A phone number in E.164 form where it can be told", (
            _s("carrier", "Telecom operator"), _s("kind", "mobile, fixed, iot, voip, short_code"), _REGION,
            _t("activated_at_ms", "When activated"),
        )),
        NodeType("Device", "A handset, computer or other terminal", (
            _s("kind", "phone, computer, pos, goip, other"), _s("model", "Model as given"), _BLOCKED,
        )),
        NodeType("IP", "An internet address", (
            _s("kind", "home, mobile, office, public_wifi, vpn, proxy, hosting"), _REGION, _BLOCKED,
        )),
        NodeType("Merchant", "A shop or seller", (
            _s("name", "Trading name"), _s("category", "Merchant category"), _REGION,
        )),
        NodeType("Organization", "A bank, carrier, platform or company", (
            _s("name", "Name"), _s("kind", "bank, carrier, platform, company"), _s("country", "Country"), _REGION, _BLOCKED,
        )),
        NodeType("Wallet", "A crypto wallet address", (
            _s("chain", "Chain: TRON, ETH, BTC ..."), _s("kind", "private, exchange, mixer"),
        )),
        NodeType("Handle", "A social account", (
            _s("platform", "Platform"), _s("name", "Shown name", privacy=_P), _t("created_at_ms", "When made"),
        )),
        NodeType("Domain", "A web domain", (_t("registered_at_ms", "When registered"), _s("registrar", "Registrar"),)),
        NodeType("Finding", "What an algorithm found: a suggestion until a person adopts it", (
            _s("kind", "Algorithm name: community, mule_chain, fan_in ...", required=True),
            _s("title", "One line for a list", required=True),
            Property("score", Kind.FLOAT, "0 to 1, higher is more suspicious; not a probability of guilt", required=True),
            Property("reasons", Kind.STRINGS, "Why, one sentence each"),
            Property("against", Kind.STRINGS, "What speaks against it, one sentence each"),
            Property("evidence_ids", Kind.STRINGS, "Ids of the transfers and other events it rests on"),
            Property("size", Kind.INT, "Number of members involved"),
            Property("amount_minor", Kind.MONEY, "Money the finding is about, minor units"),
            _s("currency", "ISO 4217 code, or MIXED"),
            _t("starts_ms", "First event"), _t("ends_ms", "Last event"),
            _s("details", "Algorithm's own result as JSON (hops, layers, members' figures)"),
            _s("run_id", "The run that found it", required=True),
            _s("algorithm_version", "Version of the algorithm", required=True),
            _s("parameters", "Parameters of the run as JSON"),
            _s("engine", "local or gds"),
            Property("data_seq", Kind.INT, "Ledger sequence the run read up to", required=True),
            _t("created_at_ms", "When found", required=True),
        ), added=(_s("said", "The sentences of title, reasons, against and details as templates and values (JSON), to be said in other languages"),)),
    )
}  # fmt: skip

_ANY = tuple(label for label in NODES if label != "Finding")

RELS: dict[str, RelType] = {
    rel.name: rel
    for rel in (
        RelType("OWNS", "Holds in its own name", tuple(
            (owner, owned) for owner in ("Person", "Organization", "Merchant")
            for owned in ("Account", "Phone", "Wallet", "Handle", "Device")
        ), (_t("since_ms", "Since when"),)),
        RelType("HELD_AT", "Account kept by an institution", (("Account", "Organization"),)),
        RelType("REGISTERED_WITH", "Registered with this phone number", (("Account", "Phone"), ("Handle", "Phone")),
                (_t("since_ms", "Since when"),)),
        RelType("USED_DEVICE", "Signed in or worked on this device", (("Account", "Device"), ("Phone", "Device")), _SEEN),
        RelType("CONNECTED_FROM", "Signed in or came from this address", (("Account", "IP"), ("Device", "IP")), _SEEN),
        RelType("TRANSFER", "Money moved from account to account", (("Account", "Account"),), (
            _AMOUNT, _CURRENCY, _AT, _s("channel", "transfer, payment, wire, card, pos, atm, cash, cheque, crypto ..."),
            _s("status", "settled, held, refused, reversed"),
            Property("received_minor", Kind.MONEY, "Amount credited when it differs (conversion), minor units"),
            _s("received_currency", "Currency credited when it differs"), _s("memo", "Payment text", privacy=_X),
        ), event=True),
        RelType("EXCHANGED", "Fiat against coin between an account and a wallet", (("Account", "Wallet"), ("Wallet", "Account")), (
            _AMOUNT, _CURRENCY, _AT, Property("coin_minor", Kind.MONEY, "Coin amount in the coin's minor units"),
            _s("coin", "Coin code"),
        ), event=True),
        RelType("MOVED", "Coin moved between wallets", (("Wallet", "Wallet"),), (_AMOUNT, _CURRENCY, _AT), event=True),
        RelType("CALLED", "A phone call", (("Phone", "Phone"),), (_AT, _i("duration_s", "Length in seconds")), event=True),
        RelType("TEXTED", "A text message", (("Phone", "Phone"),), (_AT, _s("text", "Message text", privacy=_X)), event=True),
        RelType("VISITED", "Opened a web domain", (("Phone", "Domain"), ("Device", "Domain")), (_AT,), event=True),
        RelType("INVOLVES", "A finding involves this member in this role", tuple(("Finding", label) for label in _ANY), (
            _s("role", "victim, mule, collector, cash_out, member, hub ..."), _i("layer", "Layer in a mule chain, victim = 0"),
            Property("score", Kind.FLOAT, "Member's own score, 0 to 1"), _s("reason", "Why this role"),
        ), added=(_s("said", "The reason's sentence as template and values (JSON), to be said in other languages"),)),
    )
}  # fmt: skip


def rel_pairs() -> list[tuple[str, str, str]]:
    """Every (from label, relationship, to label) the schema allows."""
    return [(start, rel.name, end) for rel in RELS.values() for start, end in rel.pairs]
