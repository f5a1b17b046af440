"""A form by e-mail for banks without an interface: one .eml a message in a spool folder that the mail gateway picks up."""

from __future__ import annotations

import json
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from core.clock import to_utc
from outbox.channels.sftp_file import file_stem, write_once
from outbox.model import Delivery, Endpoint, Outcome
from outbox.states import DeliveryVerb


@dataclass(frozen=True, slots=True)
class EmailForm:
    """Writes `<spool>/email/<stem>.eml` with every field as a line and the signed JSON as an attachment."""

    spool: Path
    sender: str = "ringtrace@localhost"
    name: str = "email_form"

    def send(self, endpoint: Endpoint, delivery: Delivery, now_ms: int) -> Outcome:
        """See Channel. The Message-ID is the same at every attempt, so that a gateway drops a repeat."""
        mail = EmailMessage()
        mail["From"], mail["To"] = self.sender, endpoint.address
        mail["Date"] = format_datetime(to_utc(now_ms))
        mail["Message-ID"] = f"<{file_stem(delivery)}@ringtrace>"
        mail["Subject"] = f"{delivery.kind} {delivery.subject}"
        fields = json.loads(delivery.body)
        mail.set_content("\n".join(_lines(fields)) + "\n")
        mail.add_attachment(
            delivery.body.encode(), maintype="application", subtype="json", filename=f"{delivery.subject}.json"
        )
        return write_once(self.spool / "email", f"{file_stem(delivery)}.eml", bytes(mail))

    def ask(self, endpoint: Endpoint, delivery: Delivery, now_ms: int) -> Outcome | None:  # noqa: ARG002
        """See Channel. A mail the gateway took and removed looks like one never written: a person has to tell."""
        there = (self.spool / "email" / f"{file_stem(delivery)}.eml").exists()
        return Outcome(DeliveryVerb.FIND, "the mail is in the spool") if there else None


def _lines(fields: Any, lead: str = "") -> list[str]:
    if not isinstance(fields, dict):
        return [f"{lead}: {' '.join(str(fields).split())}"]
    return [line for name, value in fields.items() for line in _lines(value, f"{lead}.{name}" if lead else name)]
