"""Casework: leads, cases, determinations, stop-payment orders and the freeze ledger."""
