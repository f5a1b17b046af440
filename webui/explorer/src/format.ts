/** Money, time and counts as people read them. */
import type { NodeData, Properties, RelData, Value } from "./types";

/** Minor-unit exponents, as in core/money.py (a test keeps the two alike). */
export const EXPONENT: Readonly<Record<string, number>> = {
  CNY: 2, USD: 2, EUR: 2, GBP: 2, HKD: 2, MOP: 2, TWD: 2, SGD: 2, MYR: 2, THB: 2, PHP: 2,
  IDR: 2, INR: 2, AUD: 2, NZD: 2, CAD: 2, CHF: 2, BRL: 2, MXN: 2, RUB: 2, SAR: 2, AED: 2,
  ILS: 2, ZAR: 2, TRY: 2, SEK: 2, NOK: 2, DKK: 2, JPY: 0, KRW: 0, VND: 0, KWD: 3,
  USDT: 6, USDC: 6, BTC: 8, ETH: 9, TRX: 6,
  XXX: 2,
};

/** `12,000.00 CNY` from minor units; exact for safe integers and for decimal text. */
export function money(minor: number | string | bigint, currency: string): string {
  const exponent = EXPONENT[currency] ?? 2;
  let digits = BigInt(typeof minor === "number" ? Math.round(minor) : minor).toString();
  const sign = digits.startsWith("-") ? "-" : "";
  digits = digits.replace("-", "").padStart(exponent + 1, "0");
  const whole = digits.slice(0, digits.length - exponent).replace(/\B(?=(\d{3})+$)/g, ",");
  return `${sign}${whole}${exponent ? "." + digits.slice(-exponent) : ""} ${currency}`;
}

export function major(minor: number, currency: string): number {
  return minor / 10 ** (EXPONENT[currency] ?? 2);
}

/** Making a formatter costs a thousand times what using one does. */
const COMPACT = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const WHOLE = new Intl.NumberFormat("en-US");
const CLOCKS = new Map<string, Intl.DateTimeFormat>();

/** Shorter for a line on the canvas: `12.3K CNY` above ten thousand. */
export function shortMoney(minor: number, currency: string): string {
  const amount = major(minor, currency);
  if (Math.abs(amount) < 10_000) return money(minor, currency).replace(/\.00(?= )/, "");
  return `${COMPACT.format(amount)} ${currency}`;
}

/** `2026-11-22 21:34:45` in the installation's zone; milliseconds only when there are any. */
export function time(atMs: number, zone: string): string {
  if (!Number.isFinite(atMs) || Math.abs(atMs) > 8.64e15) return String(atMs);
  let clock = CLOCKS.get(zone);
  if (!clock) {
    clock = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" });
    CLOCKS.set(zone, clock);
  }
  return clock.format(atMs);
}

export function count(value: number): string {
  return WHOLE.format(value);
}

/** Invisible and direction-changing characters written out, so that no name can pose as another. */
export function visible(text: string): string {
  return text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\u3164\ufeff\uffa0]/g, escaped)
    .replace(/(?<!\p{Extended_Pictographic}\ufe0f?|\p{Emoji_Modifier})\u200d/gu, escaped)
    .replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, escaped);
}

function escaped(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** One line that names a node: title, name or number, else its id. */
export function caption(node: NodeData, limit = 40): string {
  const named = [node.properties["title"], node.properties["name"], node.properties["number"]].find(
    (value) => typeof value === "string" && value.trim() !== "",
  );
  const line = visible(typeof named === "string" ? named : node.id).replace(/\s+/g, " ").trim();
  return line.length > limit ? `${line.slice(0, limit - 1)}…` : line;
}

/** A property as text; amounts take the currency beside them. */
export function shown(name: string, value: Value, all: Properties, zone: string): string {
  if (name.endsWith("_ms") && typeof value === "number") return time(value, zone);
  if (name.endsWith("_minor") && typeof value === "number") {
    const beside = { coin_minor: "coin", received_minor: "received_currency" }[name] ?? "currency";
    const currency = all[beside];
    return typeof currency === "string" ? money(value, currency) : `${count(value)} (minor)`;
  }
  if (Array.isArray(value)) return value.map((item) => shown("", item, all, zone)).join("\n");
  if (value !== null && typeof value === "object") return visible(JSON.stringify(value));
  return visible(String(value));
}

export function amountOf(rel: RelData): { minor: number; currency: string } | null {
  const minor = rel.properties["amount_minor"];
  const currency = rel.properties["currency"];
  return typeof minor === "number" && typeof currency === "string" ? { minor, currency } : null;
}

/** First and last time a relationship stands for; null when it carries none (it is then never filtered by time). */
export function spanOf(rel: RelData): [number, number] | null {
  const at = rel.properties["at_ms"];
  if (typeof at === "number") return [at, at];
  const first = rel.properties["first_seen_ms"];
  const last = rel.properties["last_seen_ms"];
  if (typeof first === "number") return [first, typeof last === "number" ? last : first];
  return null;
}
