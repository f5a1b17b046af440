"""Money is an integer number of minor units (fen, cents) with an ISO 4217 code; never a float."""

from __future__ import annotations

from decimal import Decimal

MAX_MINOR = 10**18
#: ISO 4217 minor-unit exponents of the currencies Ringtrace accepts. Crypto legs carry their own unit beside the code.
EXPONENT = {
    "CNY": 2, "USD": 2, "EUR": 2, "GBP": 2, "HKD": 2, "MOP": 2, "TWD": 2, "SGD": 2, "MYR": 2, "THB": 2, "PHP": 2,
    "IDR": 2, "INR": 2, "AUD": 2, "NZD": 2, "CAD": 2, "CHF": 2, "BRL": 2, "MXN": 2, "RUB": 2, "SAR": 2, "AED": 2,
    "ILS": 2, "ZAR": 2, "TRY": 2, "SEK": 2, "NOK": 2, "DKK": 2, "JPY": 0, "KRW": 0, "VND": 0, "KWD": 3,
    "USDT": 6, "USDC": 6, "BTC": 8, "ETH": 9, "TRX": 6,
    "XXX": 2,
}  # fmt: skip


def to_decimal(amount_minor: int, currency: str) -> Decimal:
    """The amount in major units, exactly. Raises KeyError for an unknown currency."""
    return Decimal(amount_minor).scaleb(-EXPONENT[currency])


def show(amount_minor: int, currency: str) -> str:
    """Amount for people: thousands separators, fixed decimals, then the currency code, e.g. `12,000.00 CNY`."""
    exponent = EXPONENT.get(currency, 2)
    if type(amount_minor) is not int:
        return f"{Decimal(amount_minor).scaleb(-exponent):,.{exponent}f} {currency}"
    whole, part = divmod(abs(amount_minor), 10**exponent)
    sign = "-" if amount_minor < 0 else ""
    return f"{sign}{whole:,}.{part:0{exponent}d} {currency}" if exponent else f"{sign}{whole:,} {currency}"
