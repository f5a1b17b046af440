"""Targeted warnings: whom an area's or a group's risk reaches, as a list of account ids, without who opted out.

Only account ids leave, no name, no number: the bank that keeps the account knows its customer.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.clock import now_ms
from core.db import transaction
from core.errors import BadInput, NotFound
from core.formula import inert
from core.ids import fresh
from core.message import say
from ledger.columns import Columns
from outbox import endpoints, queue
from outbox.model import Message
from scoring.tables import ScoredTransferRow, WarningListRow, WarningOptOutRow
from security.roles import Actor, Permission
from usecases.auditing import audited
from usecases.changing import recorded
from usecases.services import Services

KIND = "warning_list"
MAX_SIZE = 100_000
MAX_PUSHED = 5_000


def make(
    services: Services, actor: Actor, title: str, reason: str, *, region: str = "", finding_id: str = ""
) -> WarningListRow:
    """A warning list: bank and payment accounts of a region, or who paid members of a finding.

    Raises BadInput (nothing named, nobody found, too many), NotAllowed.
    """
    region, finding_id = region.strip(), finding_id.strip()
    with audited(services, actor, Permission.WARNINGS_MAKE, "warning.make", finding_id or region) as said:
        if bool(region) == bool(finding_id):
            raise BadInput("name a region or a finding")
        if not 3 <= len(title.strip()) <= 200 or not 5 <= len(reason.strip()) <= 500:
            raise BadInput("a warning has a title of 3 to 200 characters and a reason of 5 to 500")
        found = _of_region(services, region) if region else _payers_of(services, finding_id)
        if not found:
            raise BadInput("nobody is reached by this warning")
        if len(found) > MAX_SIZE:
            raise BadInput(say("a warning reaches at most {most:,} accounts: name a smaller area", most=MAX_SIZE))
        with recorded(services, said) as session:
            out = set(session.scalars(select(WarningOptOutRow.account)))
            kept = sorted(set(found) - out)
            row = WarningListRow(
                id=fresh("warning"), title=title.strip(), reason=reason.strip(), region=region, finding_id=finding_id,
                accounts=json.dumps(kept, ensure_ascii=False), size=len(kept), opted_out=len(set(found) & out),
                made_by=actor.name, made_at_ms=now_ms(), sent_to="",
            )  # fmt: skip
            session.add(row)
            said.update(size=row.size, opted_out=row.opted_out)
        return row


def listed(services: Services, actor: Actor) -> Sequence[WarningListRow]:
    """The latest 50 warning lists. Raises NotAllowed."""
    with audited(services, actor, Permission.WARNINGS_MAKE, "warning.list"), transaction(services.engine) as session:
        return session.scalars(select(WarningListRow).order_by(WarningListRow.made_at_ms.desc()).limit(50)).all()


def export_csv(services: Services, actor: Actor, warning_id: str) -> bytes:
    """The list as CSV (UTF-8 with BOM): account id and the warning's title. Raises NotFound, NotAllowed."""
    with audited(services, actor, Permission.WARNINGS_MAKE, "warning.export", warning_id[:64]):
        row = _row(services, warning_id)
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(["account", "warning"])
        writer.writerows([inert(account), inert(row.title)] for account in json.loads(row.accounts))
        return b"\xef\xbb\xbf" + out.getvalue().encode()


def push(services: Services, actor: Actor, warning_id: str, endpoint: str) -> None:
    """Send the list to a bank's webhook, in signed parts. Raises NotFound, BadInput, NotAllowed."""
    with audited(
        services, actor, Permission.WARNINGS_MAKE, "warning.push", warning_id[:64], endpoint=endpoint[:64]
    ) as said:
        row = _row(services, warning_id)
        accounts = json.loads(row.accounts)
        with recorded(services, said) as session:
            endpoints.get(session, endpoint)
            for start in range(0, len(accounts), MAX_PUSHED):
                body = {"event": KIND, "warning_id": row.id, "title": row.title, "reason": row.reason, "part": start // MAX_PUSHED,
                        "accounts": accounts[start : start + MAX_PUSHED]}  # fmt: skip
                text = json.dumps(body, ensure_ascii=False)
                queue.enqueue(session, Message(endpoint, KIND, row.id, f"{row.id}-{start}", text), now_ms())
            session.get_one(WarningListRow, row.id).sent_to = endpoint


def set_opt_out(services: Services, actor: Actor, account: str, out: bool) -> None:
    """The holder of an account wants no warnings, or wants them again. Raises BadInput, NotAllowed.

    A bank's machine says so only for accounts it alone pays from: NotFound for any other, known or not.
    """
    permission = Permission.TRANSFERS_SCORE if actor.may(Permission.TRANSFERS_SCORE) else Permission.WARNINGS_MAKE
    account = account.strip()
    with audited(services, actor, permission, "warning.opt_out" if out else "warning.opt_in", account[:128]) as said:
        if not 1 <= len(account) <= 128:
            raise BadInput("name the account")
        if not actor.may(Permission.WARNINGS_MAKE):
            services.settle_tables()
        with recorded(services, said) as session:
            if not actor.may(Permission.WARNINGS_MAKE):
                _need_own(session, actor, account)
            row = session.get(WarningOptOutRow, account)
            if out and row is None:
                session.add(WarningOptOutRow(account=account, at_ms=now_ms(), by=actor.name))
            elif not out and row is not None:
                session.delete(row)


def _need_own(session: Session, actor: Actor, account: str) -> None:
    """Only an account's own bank submits what it pays: this key has, and no other."""
    keys = set(session.scalars(select(ScoredTransferRow.key_id).where(ScoredTransferRow.payer == account).distinct()))
    if keys != {actor.id}:
        raise NotFound("this key alone has submitted no transfer from this account: ask a supervisor")


def _of_region(services: Services, region: str) -> list[str]:
    columns, head = Columns(services.ledger), services.ledger.head_seq()
    frame = pl.DataFrame(pl.from_arrow(columns.nodes("Account", ["id", "kind", "region"], head)))
    people = frame.filter((pl.col("region") == region) & pl.col("kind").fill_null("bank").is_in(["bank", "payment"]))
    return people["id"].to_list()


def _payers_of(services: Services, finding_id: str) -> list[str]:
    """Accounts that paid a member of the finding and are no member of it themselves."""
    columns, head = Columns(services.ledger), services.ledger.head_seq()
    rels = pl.DataFrame(pl.from_arrow(columns.rels("INVOLVES", ["role"], ("Finding", "Account"), head)))
    members = rels.filter((pl.col("from_id") == finding_id) & (pl.col("role").fill_null("") != "victim"))["to_id"]
    moves = pl.DataFrame(pl.from_arrow(columns.rels("TRANSFER", [], ("Account", "Account"), head)))
    payers = moves.filter(pl.col("to_id").is_in(members.implode()) & ~pl.col("from_id").is_in(members.implode()))
    return payers["from_id"].unique().to_list()


def _row(services: Services, warning_id: str) -> WarningListRow:
    with transaction(services.engine) as session:
        row = session.get(WarningListRow, warning_id)
        if row is None:
            raise NotFound("there is no such warning list")
        return row
