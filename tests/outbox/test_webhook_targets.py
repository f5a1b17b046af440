"""Where a webhook never goes, and how long a receiver may keep the worker."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from outbox.channels.webhook import Webhook
from outbox.model import Delivery, Endpoint
from outbox.states import DeliveryState, DeliveryVerb

DELIVERY = Delivery("d", "bank", "k", "s", "key", "{}", DeliveryState.SENDING, 1, 0, 0, 1, 0, "")


def request_of(connection: socket.socket) -> bytes:
    """A whole request: closing before all of it was read would reset the connection and lose the answer."""
    said = b""
    while not said.endswith(DELIVERY.body.encode()):
        piece = connection.recv(65_536)
        if not piece:
            break
        said += piece
    return said


def endpoint(address: str) -> Endpoint:
    return Endpoint("bank", "Bank", "webhook", address, 1, True)


@pytest.mark.parametrize(
    "host",
    ["169.254.169.254", "[fe80::1]", "[::ffff:169.254.169.254]", "2852039166", "0xA9FEA9FE", "[64:ff9b::169.254.169.254]",
     "[2002:a9fe:a9fe::1]", "[::169.254.169.254]", "[64:ff9b:1::a9fe:a9fe]", "[2001:0:4136:e378:8000:63bf:5601:5601]",
     "[2001:db8::200:5efe:a9fe:a9fe]", "[fe80::5efe:a00:1]", "100.100.100.200", "[::ffff:100.100.100.200]", "168.63.129.16", "192.0.0.192", "[fd00:ec2::254]"],
)  # fmt: skip
def test_where_clouds_keep_credentials_nothing_is_sent(host):
    outcome = Webhook(b"m" * 32, connect_s=0.2, read_s=0.2).send(endpoint(f"http://{host}/latest"), DELIVERY, 0)
    assert outcome.verb is DeliveryVerb.REFUSE and "no receiver" in outcome.said


def test_an_answer_that_drips_does_not_hold_up_the_worker():
    server = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        connection, _ = server.accept()
        with connection:
            request_of(connection)
            connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 400\r\n\r\n")
            try:
                for _ in range(400):
                    connection.sendall(b"x")
                    time.sleep(0.1)
            except OSError:
                return

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    way = Webhook(b"m" * 32, read_s=0.4)
    outcome = way.send(endpoint(f"http://127.0.0.1:{server.getsockname()[1]}/"), DELIVERY, 0)
    thread.join(10)
    server.close()
    assert not thread.is_alive()  # the connection was closed long before the 40 s the receiver wanted
    assert outcome.verb is DeliveryVerb.CONFIRM and 0 < len(outcome.said) < 100


def _serve(answer, first: bytes | None = None) -> tuple[socket.socket, threading.Thread, list[bytes]]:
    """A receiver that takes one connection, keeps what it was sent, and lets `answer` do the rest."""
    server, seen = socket.create_server(("127.0.0.1", 0)), []

    def run() -> None:
        connection, _ = server.accept()
        with connection:
            seen.append(request_of(connection) if first is None else first)
            answer(connection)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return server, thread, seen


def test_headers_that_drip_are_cut_off_and_leave_a_doubt():
    def drip(connection: socket.socket) -> None:
        try:
            for piece in b"HTTP/1.1 200 OK\r\nx-slow: " + b"x" * 400:
                connection.sendall(bytes([piece]))
                time.sleep(0.05)
        except OSError:
            return

    server, thread, _ = _serve(drip)
    outcome = Webhook(b"m" * 32, read_s=0.4).send(endpoint(f"http://127.0.0.1:{server.getsockname()[1]}/"), DELIVERY, 0)
    thread.join(10)
    server.close()
    assert not thread.is_alive()  # cut off long before the 20 s the receiver wanted
    assert outcome.verb is DeliveryVerb.DOUBT


def test_a_name_is_asked_once_and_what_was_checked_is_connected_to(monkeypatch):
    server, thread, seen = _serve(
        lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
    )
    port, asked = server.getsockname()[1], []
    real = socket.getaddrinfo

    def rebinding(host, *rest, **more):
        """The first answer is harmless, every later one leads into the cloud's machine room."""
        if host != "bank.example":
            return real(host, *rest, **more)
        asked.append(host)
        return real("127.0.0.1" if len(asked) == 1 else "169.254.169.254", *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    outcome = Webhook(b"m" * 32, connect_s=1, read_s=2).send(
        endpoint(f"http://bank.example:{port}/in?x=1"), DELIVERY, 0
    )
    thread.join(10)
    server.close()
    assert (outcome.verb, len(asked)) == (DeliveryVerb.CONFIRM, 1)
    assert seen[0].startswith(b"POST /in?x=1 HTTP/1.1\r\n")
    assert f"host: bank.example:{port}".encode() in seen[0].lower()


def test_a_name_with_one_address_too_many_is_refused(monkeypatch):
    both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80)) for address in ("127.0.0.1", "169.254.169.254")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: both)
    outcome = Webhook(b"m" * 32, connect_s=0.2).send(endpoint("http://bank.example/"), DELIVERY, 0)
    assert outcome.verb is DeliveryVerb.REFUSE


def test_over_https_the_certificate_must_be_of_the_name_although_the_address_is_connected_to(tmp_path, monkeypatch):
    pem = _certificate("bank.example")
    (tmp_path / "bank.pem").write_bytes(pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "bank.pem"))
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda _host, *rest, **more: real("127.0.0.1", *rest, **more))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "bank.pem")
    ended = []
    for name in ("bank.example", "other.example"):

        def answer(plain: socket.socket) -> None:
            try:
                with context.wrap_socket(plain, server_side=True) as connection:
                    request_of(connection)
                    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
            except OSError:
                return

        server, thread, _ = _serve(answer, first=b"")
        port = server.getsockname()[1]
        ended.append(Webhook(b"m" * 32, read_s=3).send(endpoint(f"https://{name}:{port}/"), DELIVERY, 0).verb)
        thread.join(10)
        server.close()
    assert ended == [DeliveryVerb.CONFIRM, DeliveryVerb.DOUBT]


def _certificate(name: str) -> bytes:
    """A self-signed certificate of this name with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(who).issuer_name(who).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    form = serialization.PrivateFormat.PKCS8
    secret = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    return secret + made.public_bytes(serialization.Encoding.PEM)
