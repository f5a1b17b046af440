"""IBM AMLworld (Altman et al. 2023): `*_Trans.csv`, with `*_Patterns.txt` and `*_accounts.csv` beside it when present.

Bank numbers are padded with zeros in some files and not in others; they are compared without the padding.
Yen amounts carry hundredths that JPY does not have: they are kept exactly under the code XXX.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import polars as pl

from core.errors import FileRefused
from graph.intake import Intake
from loaders import _options
from loaders._amlworld_truth import read_patterns, transfer_truth
from loaders._base import LoadContext, Loader
from loaders._files import admit, member
from loaders._flow import Prepared, in_turn, prepare_table
from loaders._plan import Column, Output, Plan, constant, heading, institution_of, template, with_stubs
from loaders._recognise import AMLWORLD, has_headings
from loaders._records import open_table
from loaders._reshaped import Reshaped

OPTIONS = {"zone": "time zone of the timestamps (UTC)"}
CURRENCIES = (
    ("US Dollar", "USD"), ("Bitcoin", "BTC"), ("Euro", "EUR"), ("Australian Dollar", "AUD"), ("Yuan", "CNY"),
    ("Rupee", "INR"), ("Yen", "XXX"), ("Mexican Peso", "MXN"), ("UK Pound", "GBP"), ("Ruble", "RUB"),
    ("Canadian Dollar", "CAD"), ("Swiss Franc", "CHF"), ("Brazil Real", "BRL"), ("Saudi Riyal", "SAR"), ("Shekel", "ILS"),
)  # fmt: skip
_CHANNELS = (
    ("Reinvestment", "reinvestment"), ("Cheque", "cheque"), ("Credit Card", "card"), ("ACH", "ach"), ("Cash", "cash"),
    ("Wire", "wire"), ("Bitcoin", "crypto"),
)  # fmt: skip


def read(path: Path, options: Mapping[str, str], context: LoadContext) -> Iterator[Intake]:
    """Accounts with their holders where the file is there, then transfers, with patterns as ground truth.

    `path` is the transactions file, or a folder with exactly one of them.
    """
    _options.check_known(options, OPTIONS, "amlworld")
    transfers, accounts, patterns = _files(path)
    prepared: list[Prepared] = []
    if accounts is not None:
        table = open_table(admit(accounts, context))
        prepared.append(prepare_table(Reshaped(table, {"Bank ID": _bare}), _accounts(), context))
    table = open_table(admit(transfers, context), rename=_told_apart)
    banks = Reshaped(table, {"From Bank": _bare, "To Bank": _bare})
    chains = read_patterns(patterns, context) if patterns is not None else None
    prepared.append(prepare_table(banks, _transfers(options.get("zone", "UTC")), context, transfer_truth(chains)))
    in_turn(prepared)
    for item in prepared:
        yield from item.intakes()
    notes = ["AMLworld gives Yen with hundredths, which JPY has not: kept exactly under currency XXX"]
    if chains is None:
        notes.append("no *_Patterns.txt beside the transactions: ground truth has labels but no chains and typologies")
    yield Intake(warnings=tuple(notes))


def _files(path: Path) -> tuple[Path, Path | None, Path | None]:
    if path.is_dir():
        found = sorted(item for item in path.iterdir() if item.name.lower().endswith(("_trans.csv", "_trans.csv.gz")))
        if len(found) != 1:
            raise FileRefused(
                f"{path}: {len(found)} files named *_Trans.csv; give the one to load", code="no_such_file"
            )
        path = member(path, found[0].name)
    stem = path.name.split("_Trans")[0].split("_trans")[0]
    beside = {item.name.lower(): item for item in path.parent.iterdir()} if path.parent.is_dir() else {}
    accounts, patterns = beside.get(f"{stem.lower()}_accounts.csv"), beside.get(f"{stem.lower()}_patterns.txt")
    return path, accounts and member(path.parent, accounts.name), patterns and member(path.parent, patterns.name)


def _told_apart(headings: list[str]) -> list[str]:
    """The second `Account` is the receiver's; pandas writes it `Account.1`."""
    second = headings.index("Account", headings.index("Account") + 1) if headings.count("Account") == 2 else -1
    return ["Account.1" if place == second else name for place, name in enumerate(headings)]


def _bare(banks: pl.Series) -> pl.Series:
    return banks.str.strip_chars().str.replace(r"^0+([0-9])", "$1")


def _transfers(zone: str) -> Plan:
    columns = {
        "from_id": template("amlworld:{From Bank}:{Account}"), "to_id": template("amlworld:{To Bank}:{Account.1}"),
        "amount_minor": heading("Amount Paid"), "currency": heading("Payment Currency", values=CURRENCIES),
        "received_minor": heading("Amount Received"), "received_currency": heading("Receiving Currency", values=CURRENCIES),
        "at_ms": heading("Timestamp", formats=("%Y/%m/%d %H:%M",)), "channel": heading("Payment Format", values=_CHANNELS),
        "status": constant("settled"),
    }  # fmt: skip
    fact = Output("TRANSFER", columns, "Account", "Account", id_prefix="amlworld:")
    ends = {"from": {"institution": _bank("From Bank")}, "to": {"institution": _bank("To Bank")}}
    return Plan(fact, tuple(map(_nameless, with_stubs(fact, ends))), zone=zone, labels=("Is Laundering",))


def _accounts() -> Plan:
    account = {
        "id": template("amlworld:{Bank ID}:{Account Number}"), "number": heading("Account Number"),
        "name": heading("Entity Name"), "kind": constant("bank"), "institution": _bank("Bank ID"),
    }  # fmt: skip
    fact = Output("Account", account)
    holder = template("amlworld:{Entity ID}")
    derived = (
        *(Output("Organization", {**item.columns, "name": heading("Bank Name"), "kind": constant("bank")}) if item.is_node else item
          for item in institution_of(fact)),
        Output("Organization", {"id": holder, "name": heading("Entity Name"), "kind": constant("company")}),
        Output("OWNS", {"from_id": holder, "to_id": account["id"]}, "Organization", "Account"),
    )  # fmt: skip
    return Plan(fact, derived)


def _nameless(output: Output) -> Output:
    """Transfers know a bank by its number only; its name comes from the accounts file and must not be overwritten."""
    if output.type_name != "Organization":
        return output
    return replace(output, columns={"id": output.columns["id"], "kind": constant("bank")})


def _bank(name: str) -> Column:
    return template(f"amlworld:bank:{{{name}}}")


def _recognises(path: Path) -> bool:
    if path.is_dir():
        return any(has_headings(item, AMLWORLD) for item in path.glob("*_Trans.csv*"))
    return has_headings(path, AMLWORLD)


LOADER = Loader("amlworld", "IBM AMLworld: *_Trans.csv with patterns and accounts", _recognises, read, OPTIONS)
