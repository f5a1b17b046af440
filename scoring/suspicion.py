"""How findings of detection raise the score of an account: the one place that says which algorithm feeds which feature."""

from __future__ import annotations

#: Which score of an account a finding of this algorithm raises.
FIELD = {"community": "community", "mule_chain": "chain", "risk": "risk"}
#: Members a finding involves without suspecting them.
UNSUSPECTED = ("victim", "cash_point", "exchange", "shared_identifier", "payer", "merchant")
