"""Signatures: what fits is taken once, what does not is refused."""

from __future__ import annotations

import base64
import hashlib
import hmac

import pytest

from core.db import transaction
from core.errors import Conflict
from outbox import endpoints, receiving, signing
from outbox.signing import SignatureRefused

MASTER = bytes(range(32))
NOW = 1_714_536_000_000
BODY = '{"kind":"answer","金额":1}'.encode()


def signed(body=BODY, message_id="m1", at_ms=NOW, version=1, way="in"):
    return signing.sign(signing.secret_of(MASTER, "bank", version, way), message_id, at_ms, body)


def test_the_signature_is_the_standard_one():
    secret = b"\x01" * 32
    headers = signing.sign(secret, "msg_1", 1_700_000_000_999, b"{}")
    right = base64.b64encode(hmac.new(secret, b"msg_1.1700000000.{}", hashlib.sha256).digest()).decode()
    assert headers == {"webhook-id": "msg_1", "webhook-timestamp": "1700000000", "webhook-signature": f"v1,{right}"}
    assert signing.shown(secret) == "whsec_" + base64.b64encode(secret).decode()


@pytest.fixture
def bank(engine):
    with transaction(engine) as session:
        endpoints.put(session, "bank", "", "webhook", "https://bank.example/in", NOW)
    return engine


def take(engine, headers, body=BODY, now=NOW, endpoint="bank"):
    with transaction(engine) as session:
        return receiving.take(session, MASTER, endpoint, headers, body, now)


def test_a_message_counts_once_at_any_age(bank):
    headers = signed()
    assert take(bank, headers).is_repeat is False
    assert take(bank, headers).is_repeat is True
    again = signed(at_ms=NOW + 86_400_000)
    assert take(bank, again, now=NOW + 86_400_000).is_repeat is True
    with pytest.raises(Conflict, match="m1"):
        take(bank, signed(b"{}"), b"{}")


@pytest.mark.parametrize(
    ("headers", "body", "now"),
    [
        (signed(), BODY + b" ", NOW),  # text changed
        ({**signed(), "webhook-id": "m2"}, BODY, NOW),
        ({**signed(), "webhook-timestamp": str(NOW // 1000 + 1)}, BODY, NOW),
        (signed(), BODY, NOW + 301_000),  # too old
        (signed(at_ms=NOW + 302_000), BODY, NOW),  # from the future
        (signed(way="out"), BODY, NOW),  # our own signature sent back
        (signed(version=2), BODY, NOW),
        ({**signed(), "webhook-signature": ""}, BODY, NOW),
        ({**signed(), "webhook-signature": "v1,é"}, BODY, NOW),
        ({**signed(), "webhook-timestamp": "١٢"}, BODY, NOW),
        ({**signed(), "webhook-id": "x" * 129}, BODY, NOW),
        ({}, BODY, NOW),
    ],
)
def test_what_does_not_fit_is_refused(bank, headers, body, now):
    with pytest.raises(SignatureRefused):
        take(bank, headers, body, now)


def test_an_unknown_sender_is_refused(bank):
    with pytest.raises(SignatureRefused):
        take(bank, signed(), endpoint="other")


def test_a_replaced_key_stays_good_for_one_version(bank):
    with transaction(bank) as session:
        endpoints.raise_key(session, "bank")
    assert take(bank, signed(message_id="old")).is_repeat is False
    assert take(bank, signed(message_id="new", version=2)).is_repeat is False
    with transaction(bank) as session:
        endpoints.raise_key(session, "bank")
    with pytest.raises(SignatureRefused):
        take(bank, signed(message_id="older"))
