"""LDBC FinBench snapshot: a folder of `|`-separated files (plain or gzip), times in UTC, no fraud labels.

Persons, companies, accounts with their phone, media (as devices and addresses) and sign-ins, ownership, transfers and
withdrawals are loaded. Loans, guarantees and investments have no place in the graph's schema and are left out, with
a warning. Account types stay coarse: merchant accounts are `merchant`, all others `bank`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import polars as pl

from core.errors import FileRefused
from graph.intake import Intake
from loaders import _options
from loaders._base import LoadContext, Loader
from loaders._files import admit, find_member
from loaders._flow import Prepared, in_turn, prepare_table
from loaders._fold import folded
from loaders._plan import Column, Output, Plan, constant, heading, template, with_stubs
from loaders._recognise import has_headings
from loaders._records import Dialect, open_table
from loaders._reshaped import Reshaped

OPTIONS = {"currency": "ISO 4217 code of the amounts (XXX: none is given)"}
_LEFT_OUT = (
    "Loan", "AccountRepayLoan", "LoanDepositAccount", "PersonApplyLoan", "CompanyApplyLoan", "PersonGuaranteePerson",
    "CompanyGuaranteeCompany", "PersonInvestCompany", "CompanyInvestCompany",
)  # fmt: skip
_ADDRESSES = ["IPv4", "IPv6"]
_DEVICES = (
    ("PHONE", "phone"), ("MAC", "computer"), ("POS", "pos"), ("ATM", "other"), ("NFC", "other"), ("RFID", "other"),
    ("QRCode", "other"), ("WIFI", "other"),
)  # fmt: skip
_DIALECT = Dialect(delimiter=b"|")


def read(path: Path, options: Mapping[str, str], context: LoadContext) -> Iterator[Intake]:
    """All files present, nodes first. Person, Company, Account and AccountTransferAccount must be there."""
    _options.check_known(options, OPTIONS, "finbench")
    folder = path / "snapshot" if (path / "snapshot").is_dir() else path
    money = _options.currency(options, "XXX")
    tables: list[tuple[Prepared, bool]] = []
    for stem, plan in _plans(money).items():
        tables += _prepared(folder, stem, plan, context)
    in_turn([table for table, _ in tables])
    for table, fold in tables:
        yield from folded(table.intakes()) if fold else table.intakes()
    left = [stem for stem in _LEFT_OUT if find_member(folder, stem) is not None]
    if left:
        yield Intake(
            warnings=(f"left out, as the graph has no place for loans, guarantees and investments: {', '.join(left)}",)
        )


def _prepared(folder: Path, stem: str, plan: Plan, context: LoadContext) -> list[tuple[Prepared, bool]]:
    file = find_member(folder, stem)
    if file is None:
        if stem in {"Person", "Company", "Account", "AccountTransferAccount"}:
            raise FileRefused(
                f"{folder}: FinBench needs {stem}.csv or {stem}.csv.gz in this folder", code="no_such_file"
            )
        return []
    if stem not in {"Medium", "MediumSignInAccount"}:
        return [(prepare_table(open_table(admit(file, context), _DIALECT), plan, context), False)]
    return _by_medium(folder, file, stem, context)


def _by_medium(folder: Path, file: Path, stem: str, context: LoadContext) -> list[tuple[Prepared, bool]]:
    """Media are addresses or devices, so their files are read once for each."""
    media = find_member(folder, "Medium")
    if media is None:
        raise FileRefused(f"{folder}: sign-ins need Medium.csv, which says what each medium is", code="no_such_file")
    addresses = _addresses(media, context)
    found = []
    for label in ("IP", "Device"):
        table = open_table(admit(file, context), _DIALECT)
        part = Reshaped(table, keep=_kept(addresses, label == "IP"), needs=("mediumId",), report_bad=label == "IP")
        found.append(
            (prepare_table(part, _medium(label) if stem == "Medium" else _sign_in(label), context), stem != "Medium")
        )
        table.notes.clear() if label == "Device" else None
    return found


def _addresses(file: Path, context: LoadContext) -> pl.Series:
    table = open_table(admit(file, context), _DIALECT)
    if not {"mediumId", "mediumType"} <= set(table.headings):
        raise FileRefused(f"{file.name}: no column 'mediumId' or 'mediumType'", code="missing_column")
    parts = [chunk.frame for chunk in table.chunks(["mediumId", "mediumType"], LoadContext())]
    media = pl.concat(parts) if parts else pl.DataFrame({"mediumId": [""], "mediumType": [""]})
    return media.filter(pl.col("mediumType").is_in(_ADDRESSES))["mediumId"].unique()


def _kept(addresses: pl.Series, inside: bool) -> Callable[[pl.DataFrame], pl.Series]:
    return lambda frame: frame["mediumId"].is_in(addresses.implode()) == inside


def _id(name: str) -> Column:
    return template(f"finbench:{{{name}}}")


def _plans(money: str) -> dict[str, Plan]:
    person = {"id": _id("personId"), "name": heading("personName"), "gender": heading("gender"),
              "birth_date": heading("birthday"), "country": heading("country"), "region": heading("city"),
              "is_blocked": heading("isBlocked")}  # fmt: skip
    company = {"id": _id("companyId"), "name": heading("companyName"), "kind": constant("company"),
               "country": heading("country"), "region": heading("city"), "is_blocked": heading("isBlocked")}  # fmt: skip
    return {
        "Person": _plan(Output("Person", person), "createTime"),
        "Company": _plan(Output("Organization", company), "createTime", "business", "description", "url"),
        "Account": _accounts(),
        "Medium": Plan(Output("Device", {"id": _id("mediumId")})),
        "PersonOwnAccount": _plan(_owns("Person", "personId"), "comment"),
        "CompanyOwnAccount": _plan(_owns("Organization", "companyId"), "comment"),
        "MediumSignInAccount": _sign_in("Device"),
        "AccountTransferAccount": _payments(money, heading("payType"), "orderNum", "goodsType"),
        "AccountWithdrawAccount": _payments(money, constant("withdrawal"), "fromType", "toType"),
    }


def _plan(fact: Output, *ignored: str, derived: tuple[Output, ...] = ()) -> Plan:
    return Plan(fact, derived, zone="UTC", dialect=_DIALECT, ignored=frozenset(ignored))


def _accounts() -> Plan:
    kinds = (("merchant account", "merchant"), *((f"{word}", "bank") for word in (
        "brokerage account", "internet account", "trust account", "certificate of deposit", "escrow account",
        "retirement account", "corporate account", "credit card", "debit card", "custodial account", "prepaid card", "foreign currency")))  # fmt: skip
    columns = {"id": _id("accountId"), "number": heading("accountId"), "name": heading("nickname"),
               "kind": heading("accountType", values=kinds), "opened_at_ms": heading("createTime"),
               "is_blocked": heading("isBlocked")}  # fmt: skip
    phone = _id("phonenum")
    derived = (
        Output("Phone", {"id": phone}),
        Output("REGISTERED_WITH", {"from_id": columns["id"], "to_id": phone}, "Account", "Phone"),
    )
    return _plan(Output("Account", columns), "email", "freqLoginType", "lastLoginTime", "accountLevel", derived=derived)


def _owns(label: str, owner: str) -> Output:
    return Output(
        "OWNS", {"from_id": _id(owner), "to_id": _id("accountId"), "since_ms": heading("createTime")}, label, "Account"
    )


def _medium(label: str) -> Plan:
    columns = {"id": _id("mediumId"), "is_blocked": heading("isBlocked")}
    if label == "Device":
        columns |= {"kind": heading("mediumType", values=_DEVICES), "model": heading("mediumType")}
    return _plan(Output(label, columns), "createTime", "lastLoginTime", "riskLevel", "mediumType")


def _sign_in(label: str) -> Plan:
    seen = heading("createTime")
    columns = {
        "from_id": _id("accountId"),
        "to_id": _id("mediumId"),
        "first_seen_ms": seen,
        "last_seen_ms": seen,
        "count": constant("1"),
    }
    return _plan(
        Output("USED_DEVICE" if label == "Device" else "CONNECTED_FROM", columns, "Account", label),
        "location",
        "comment",
    )


def _payments(money: str, channel: Column, *ignored: str) -> Plan:
    columns = {"from_id": _id("fromId"), "to_id": _id("toId"), "amount_minor": heading("amount"), "currency": constant(money),
               "at_ms": heading("createTime"), "channel": channel, "status": constant("settled"), "memo": heading("comment")}  # fmt: skip
    fact = Output("TRANSFER", columns, "Account", "Account", id_prefix="finbench:")
    return _plan(fact, *ignored, derived=with_stubs(fact))


def _recognises(path: Path) -> bool:
    folder = path / "snapshot" if (path / "snapshot").is_dir() else path
    return any(
        has_headings(folder / f"AccountTransferAccount.csv{end}", ("fromId", "toId", "amount", "createTime"), "|")
        for end in ("", ".gz")
    )


LOADER = Loader("finbench", "LDBC FinBench snapshot folder", _recognises, read, OPTIONS)
