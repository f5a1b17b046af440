"""ISO 20022 pacs.008 (FIToFICustomerCreditTransfer) as JSON, read into our own form.

Element names are the standard's abbreviated XML tags. The amount is a decimal text or number with its currency, as
`{"Ccy": "CNY", "amt": "100.00"}`; `value`, `#text`, `$` and `@Ccy` are taken too: the JSON renderings in use differ there.
What the message does not carry (device, address, region, call) goes into `SplmtryData[].Envlp.Ringtrace`.
"""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from typing import Any

from core.errors import BadInput
from core.money import EXPONENT
from scoring.transfer import Transfer, transfer_of

ROOT = "FIToFICstmrCdtTrf"
_AMOUNT_NAMES = ("amt", "value", "#text", "$")
_CURRENCY_NAMES = ("Ccy", "@Ccy")
#: As the standard writes an amount (18 digits there): `Decimal` would take `1_000`, ` 12`, `１２` and `+5`, and round a long one.
_DECIMAL = re.compile(r"-?[0-9]{1,20}(?:\.[0-9]{1,20})?")
#: What a bank writes for a missing end-to-end id (ISO 20022 usage rules): no id to tell transfers apart by.
_NO_ID = "NOTPROVIDED"
_OURS = frozenset({"channel", "device", "ip", "region", "call"})


def is_pacs008(body: Any) -> bool:
    """Whether a parsed body is such a message, with or without its `Document` wrapper. Raises BadInput for another message."""
    if not isinstance(body, dict):
        return False
    if "Document" in body and not (isinstance(body["Document"], dict) and ROOT in body["Document"]):
        raise BadInput(f"Document: expected {ROOT} (pacs.008); no other message is scored", code="invalid")
    return ROOT in body or "Document" in body


def transfers_of(body: dict[str, Any]) -> list[Transfer]:
    """The message's credit transfers. Raises BadInput naming the element and what was expected."""
    message = body.get("Document", body)[ROOT]
    header = _dict(message, "GrpHdr", ROOT)
    listed = _dict_or_list(message, "CdtTrfTxInf")
    stated = header.get("NbOfTxs")
    if stated is not None and str(stated) != str(len(listed)):
        raise BadInput(f"{ROOT}.GrpHdr.NbOfTxs: says {str(stated)[:8]}, the message has {len(listed)}", code="invalid")
    found = [_transfer(item, header, f"CdtTrfTxInf[{place}].") for place, item in enumerate(listed)]
    _check_total(header, found)
    return found


def _check_total(header: dict[str, Any], found: list[Transfer]) -> None:
    """What the header says all transfers come to, where it says so: a message cut short or changed is not scored in part."""
    if "TtlIntrBkSttlmAmt" not in header:
        return
    stated, currency = _amount(header["TtlIntrBkSttlmAmt"], f"{ROOT}.GrpHdr.", "TtlIntrBkSttlmAmt")
    if any(item.currency != currency for item in found) or sum(item.amount_minor for item in found) != stated:
        raise BadInput(f"{ROOT}.GrpHdr.TtlIntrBkSttlmAmt: is not the sum of the message's transfers", code="invalid")


def _transfer(item: Any, header: dict[str, Any], at: str) -> Transfer:
    if not isinstance(item, dict):
        raise BadInput(f"{at[:-1]}: expected an object", code="invalid")
    ids = _dict(item, "PmtId", at)
    transfer_id = next(
        (ids[name] for name in ("UETR", "TxId", "EndToEndId") if ids.get(name) not in (None, "", _NO_ID)), None
    )
    if transfer_id is None:
        raise BadInput(f"{at}PmtId: expected a UETR, a TxId or an EndToEndId other than {_NO_ID}", code="invalid")
    amount_minor, currency = _amount(item.get("IntrBkSttlmAmt"), at)
    when = item.get("AccptncDtTm") or header.get("CreDtTm")
    given: dict[str, Any] = {
        "id": transfer_id, "payer": _account(item, "DbtrAcct", at), "payee": _account(item, "CdtrAcct", at),
        "amount_minor": amount_minor, "currency": currency, "at_ms": _at_ms(when, at),
        "payer_country": _country(item, "Dbtr", "DbtrAgt"), "payee_country": _country(item, "Cdtr", "CdtrAgt"),
    }  # fmt: skip
    given.update(_ours(item, at))
    return transfer_of(given, at)


def _amount(given: Any, at: str, name: str = "IntrBkSttlmAmt") -> tuple[int, str]:
    where = f"{at}{name}"
    currency = next((given[key] for key in _CURRENCY_NAMES if key in given), None) if isinstance(given, dict) else None
    if not isinstance(currency, str):
        raise BadInput(f"{where}: expected an object with Ccy and amt", code="invalid")
    if currency not in EXPONENT:
        raise BadInput(f"{where}.Ccy: {currency[:4]!r} is no ISO 4217 code known here", code="invalid")
    text = next((given[name] for name in _AMOUNT_NAMES if name in given), None)
    if isinstance(text, bool) or not isinstance(text, str | int | Decimal):
        raise BadInput(f"{where}.amt: expected a decimal amount as text", code="invalid")
    whole, _, decimals = str(text).partition(".") if _DECIMAL.fullmatch(str(text)) else ("", "", "")
    decimals = decimals.rstrip("0").ljust(EXPONENT[currency], "0")
    if not whole or len(decimals) > EXPONENT[currency]:
        raise BadInput(
            f"{where}.amt: expected a decimal amount with at most {EXPONENT[currency]} decimals", code="invalid"
        )
    return int(whole + decimals), currency


def _account(item: dict[str, Any], name: str, at: str) -> Any:
    identification = _dict(_dict(item, name, at), "Id", f"{at}{name}.")
    other = identification.get("Othr")
    return identification.get("IBAN") or (other.get("Id") if isinstance(other, dict) else None)


def _at_ms(text: Any, at: str) -> int:
    try:
        when = datetime.fromisoformat(text)
        if when.tzinfo is None:
            raise ValueError("no zone")
        return round(when.timestamp() * 1000)
    except (TypeError, ValueError, OverflowError) as error:
        raise BadInput(f"{at}AccptncDtTm: expected an ISO 8601 time with its zone", code="invalid") from error


def _country(item: dict[str, Any], party: str, agent: str) -> str:
    """Country of the party's agent's address, else of the party's own, else of the agent's BIC, else of the IBAN."""
    bank = item.get(agent)
    place = bank.get("FinInstnId", {}) if isinstance(bank, dict) else {}
    person = item.get(party)
    for holder in (place, person if isinstance(person, dict) else {}):
        address = holder.get("PstlAdr") if isinstance(holder, dict) else None
        if isinstance(address, dict) and isinstance(address.get("Ctry"), str):
            return str(address["Ctry"])
    bic = place.get("BICFI") if isinstance(place, dict) else None
    if isinstance(bic, str) and len(bic) in (8, 11):
        return bic[4:6]
    account = item.get(f"{party}Acct")
    iban = (
        account.get("Id", {}).get("IBAN") if isinstance(account, dict) and isinstance(account.get("Id"), dict) else None
    )
    return iban[:2] if isinstance(iban, str) else ""


def _ours(item: dict[str, Any], at: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    listed = item.get("SplmtryData") or []
    for entry in listed if isinstance(listed, list) else [listed]:
        envelope = entry.get("Envlp") if isinstance(entry, dict) else None
        given = envelope.get("Ringtrace") if isinstance(envelope, dict) else None
        if isinstance(given, dict):
            unknown = sorted(set(given) - _OURS)
            if unknown:
                raise BadInput(f"{at}SplmtryData.Envlp.Ringtrace: unknown field {unknown[0][:40]!r}", code="invalid")
            found.update(given)
    return found


def _dict(holder: dict[str, Any], name: str, at: str) -> dict[str, Any]:
    found = holder.get(name) if isinstance(holder, dict) else None
    if not isinstance(found, dict):
        raise BadInput(f"{at.rstrip('.')}.{name}: expected an object", code="invalid")
    return found


def _dict_or_list(message: Any, name: str) -> list[Any]:
    found = message.get(name) if isinstance(message, dict) else None
    listed = found if isinstance(found, list) else [found] if isinstance(found, dict) else []
    if not listed:
        raise BadInput(f"{ROOT}.{name}: expected at least one credit transfer", code="invalid")
    return listed
