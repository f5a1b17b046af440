"""One file a message in a spool folder that an SFTP server offers, or a transfer job carries away."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

from outbox import signing
from outbox.model import Delivery, Endpoint, Outcome
from outbox.states import DeliveryVerb


def file_stem(delivery: Delivery) -> str:
    """The message's file name without ending: kind and a hash of the key, the same at every attempt."""
    return f"{delivery.kind}-{hashlib.sha256(delivery.idempotency_key.encode()).hexdigest()[:32]}"


@dataclass(frozen=True, slots=True)
class SftpFile:
    """Writes `<spool>/sftp/<folder>/out/<stem>.json`; a partner's job may move it to `done/`, never delete it."""

    master: bytes
    spool: Path
    name: str = "sftp_file"

    def send(self, endpoint: Endpoint, delivery: Delivery, now_ms: int) -> Outcome:
        """See Channel. The file appears whole or not at all, and is never overwritten: a name that is there is a repeat."""
        folder = self.spool / "sftp" / endpoint.address
        name = f"{file_stem(delivery)}.json"
        if self._there(folder, name):
            return Outcome(DeliveryVerb.CONFIRM, f"{name} is there already")
        secret, *before = signing.secrets_of(self.master, endpoint.name, endpoint.key_version)
        headers = signing.sign(secret, delivery.id, now_ms, delivery.body.encode(), *before)
        text = json.dumps({"headers": headers, "body": delivery.body}, ensure_ascii=False)
        return write_once(folder / "out", name, text.encode())

    def ask(self, endpoint: Endpoint, delivery: Delivery, now_ms: int) -> Outcome | None:  # noqa: ARG002
        """See Channel."""
        there = self._there(self.spool / "sftp" / endpoint.address, f"{file_stem(delivery)}.json")
        return Outcome(DeliveryVerb.FIND if there else DeliveryVerb.MISS, "the file is there" if there else "no file")

    @staticmethod
    def _there(folder: Path, name: str) -> bool:
        return any((folder / part / name).exists() for part in ("out", "done"))


def write_once(folder: Path, name: str, content: bytes) -> Outcome:
    """Write a file that must not be there yet, whole and flushed to disk, or not at all."""
    part = folder / f".{name}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(part, folder / name)  # unlike a rename it fails when the name is taken
    except FileExistsError:
        return Outcome(DeliveryVerb.CONFIRM, f"{name} is there already")
    except OSError as error:
        return Outcome(DeliveryVerb.BOUNCE, f"the file could not be written: {error.strerror}")
    finally:
        part.unlink(missing_ok=True)
    return Outcome(DeliveryVerb.CONFIRM, name)
