"""ISO 20022 pacs.008 (FIToFICustomerCreditTransfer) as JSON, read into our own form.

Element names are the standard's abbreviated XML tags. The amount is a decimal text or number with its currency
(`{"Ccy": "CNY", "amt": "100.00"}`; `value` and `#text` are taken too), because the JSON renderings in use differ there.
What the message does not carry (device, address, region, call) goes into `SplmtryData[].Envlp.Ringtrace`.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from core.errors import BadInput
from core.money import EXPONENT
from scoring.transfer import Transfer, transfer_of

ROOT = "FIToFICstmrCdtTrf"
_AMOUNT_NAMES = ("amt", "value", "#text")
_OURS = frozenset({"channel", "device", "ip", "region", "call"})


def is_pacs008(body: Any) -> bool:
    """Whether a parsed body is such a message, with or without its `Document` wrapper."""
    return isinstance(body, dict) and (
        ROOT in body or (isinstance(body.get("Document"), dict) and ROOT in body["Document"])
    )


def transfers_of(body: dict[str, Any]) -> list[Transfer]:
    """The message's credit transfers. Raises BadInput naming the element and what was expected."""
    message = body.get("Document", body)[ROOT]
    header = _dict(message, "GrpHdr", ROOT)
    listed = _dict_or_list(message, "CdtTrfTxInf")
    stated = header.get("NbOfTxs")
    if stated is not None and str(stated) != str(len(listed)):
        raise BadInput(f"{ROOT}.GrpHdr.NbOfTxs: says {str(stated)[:8]}, the message has {len(listed)}", code="invalid")
    return [_transfer(item, header, f"CdtTrfTxInf[{place}].") for place, item in enumerate(listed)]


def _transfer(item: Any, header: dict[str, Any], at: str) -> Transfer:
    if not isinstance(item, dict):
        raise BadInput(f"{at[:-1]}: expected an object", code="invalid")
    ids = _dict(item, "PmtId", at)
    transfer_id = ids.get("UETR") or ids.get("TxId") or ids.get("EndToEndId")
    amount_minor, currency = _amount(item.get("IntrBkSttlmAmt"), at)
    when = item.get("AccptncDtTm") or header.get("CreDtTm")
    given: dict[str, Any] = {
        "id": transfer_id, "payer": _account(item, "DbtrAcct", at), "payee": _account(item, "CdtrAcct", at),
        "amount_minor": amount_minor, "currency": currency, "at_ms": _at_ms(when, at),
        "payer_country": _country(item, "Dbtr", "DbtrAgt"), "payee_country": _country(item, "Cdtr", "CdtrAgt"),
    }  # fmt: skip
    given.update(_ours(item, at))
    return transfer_of(given, at)


def _amount(given: Any, at: str) -> tuple[int, str]:
    where = f"{at}IntrBkSttlmAmt"
    if not isinstance(given, dict) or not isinstance(given.get("Ccy"), str):
        raise BadInput(f"{where}: expected an object with Ccy and amt", code="invalid")
    currency = given["Ccy"]
    if currency not in EXPONENT:
        raise BadInput(f"{where}.Ccy: {currency[:4]!r} is no ISO 4217 code known here", code="invalid")
    text = next((given[name] for name in _AMOUNT_NAMES if name in given), None)
    if isinstance(text, bool) or not isinstance(text, str | int | Decimal):
        raise BadInput(f"{where}.amt: expected a decimal amount as text", code="invalid")
    try:
        amount = Decimal(text).scaleb(EXPONENT[currency])
        if not amount.is_finite() or amount != amount.to_integral_value() or "e" in str(text).lower():
            raise InvalidOperation
    except InvalidOperation as error:
        raise BadInput(
            f"{where}.amt: expected a decimal amount with at most {EXPONENT[currency]} decimals", code="invalid"
        ) from error
    return int(amount), currency


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
    """Country of the party's agent if named, else of the party's address."""
    bank = item.get(agent)
    place = bank.get("FinInstnId", {}) if isinstance(bank, dict) else {}
    person = item.get(party)
    for holder in (place, person if isinstance(person, dict) else {}):
        address = holder.get("PstlAdr") if isinstance(holder, dict) else None
        if isinstance(address, dict) and isinstance(address.get("Ctry"), str):
            return str(address["Ctry"])
    bic = place.get("BICFI") if isinstance(place, dict) else None
    return bic[4:6] if isinstance(bic, str) and len(bic) in (8, 11) else ""


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
