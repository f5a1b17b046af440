"""Names of casework in the reader's language: states, verbs, kinds and reasons."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

CASEWORK: dict[str, dict[str, LazyString]] = {
    "delivery_state": {
        "queued": _l("waiting"), "sending": _l("being sent"), "unknown": _l("in doubt"), "delivered": _l("delivered"),
        "failed": _l("failed"), "cancelled": _l("cancelled"),
    },
    "delivery_kind": {"stop_order": _l("stop-payment order"), "hold": _l("hold")},
    "settling": {"arrived": _l("it arrived"), "send_again": _l("send it again"), "drop": _l("drop it")},
    "channel": {"webhook": _l("webhook"), "sftp_file": _l("SFTP file"), "email_form": _l("e-mail form")},
}  # fmt: skip
