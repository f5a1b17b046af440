"""Casework at the command line: file a lead, list orders, key figures."""

from __future__ import annotations

from typing import Annotated

import typer

from cases.kpi import GROUPS
from cli.output import Format, notes, show
from core.clock import LAST_MS, iso
from core.money import show as money
from core.settings import Settings
from security.roles import system_actor
from usecases import bootstrap, casefiles, kpis, leads, stop_orders

app = typer.Typer(no_args_is_help=True, help="Leads, stop-payment orders and key figures.")


@app.command()
def lead(
    text: Annotated[
        str, typer.Argument(help="What was reported: accounts, phones, amounts and times are read from it")
    ],
    source: Annotated[str, typer.Option(help="staff, customer, hotline, police or agency")] = "staff",
    form: Annotated[Format, typer.Option("--output", help="table, csv or json")] = Format.TABLE,
) -> None:
    """File a lead, trace its money, and show who still has it (stop the service first on the embedded store)."""
    with bootstrap.running(Settings()) as services:
        filed = leads.file(services, system_actor(), leads.Report(source, text))
        view = leads.one(services, system_actor(), filed.lead_id)
    notes.print(f"{filed.lead_id}; the reporter's code is {filed.code}")
    if view.lead.trace_failed:
        notes.print(f"no trace: {view.lead.trace_failed}")
    currency = str((view.trace or {}).get("currency") or "CNY")
    rows = [
        (item["account"], item["bank"], item["holder"], item["layer"], money(item["remaining_minor"], currency),
         money(item["expected_minor"], currency), iso(item["last_in_ms"]))
        for item in casefiles.proposed(view.trace)
    ]  # fmt: skip
    show(("account", "bank", "holder", "layer", "still there", "expected", "last in"), rows, form, "Proposed orders")


@app.command()
def orders(
    state: Annotated[list[str] | None, typer.Option(help="Only these states")] = None,
    form: Annotated[Format, typer.Option("--output", help="table, csv or json")] = Format.TABLE,
) -> None:
    """The latest stop-payment orders."""
    services = bootstrap.open_ledger(Settings())
    found = stop_orders.listed(services, system_actor(), state or ())
    rows = [
        (row.id, row.state, row.bank, row.account, money(row.amount_minor, row.currency),
         money(row.frozen_minor, row.currency), iso(row.due_at_ms) if row.due_at_ms else "")
        for row in found
    ]  # fmt: skip
    show(("order", "state", "bank", "account", "ordered", "frozen", "answer due"), rows, form, "Stop-payment orders")


@app.command()
def kpi(
    by: Annotated[str, typer.Option(help=", ".join(GROUPS))] = "all",
    form: Annotated[Format, typer.Option("--output", help="table, csv or json")] = Format.TABLE,
) -> None:
    """Key figures."""
    services = bootstrap.open_ledger(Settings())
    found = kpis.figures(services, system_actor(), by, 0, LAST_MS)
    rows = [
        (item.kpi.name, item.group, "" if item.value is None else f"{item.value:g}", item.kpi.unit, item.kpi.goal or "", item.kpi.formula)
        for item in found
    ]  # fmt: skip
    show(("figure", by, "value", "unit", "goal", "formula"), rows, form, "Key figures")
