/** How each label is drawn: colour, shape and a mark, as in exports/_style.py (a test keeps the two alike). */
export type Shape = "circle" | "square" | "diamond";

export interface LabelStyle {
  readonly color: string;
  readonly shape: Shape;
  readonly mark: string;
}

const STYLES: Readonly<Record<string, LabelStyle>> = {
  Account: { color: "#1f7a8c", shape: "square", mark: "A" },
  Person: { color: "#3d6fb6", shape: "circle", mark: "P" },
  Phone: { color: "#b7791f", shape: "diamond", mark: "Ph" },
  Device: { color: "#7d5ba6", shape: "diamond", mark: "D" },
  IP: { color: "#64748b", shape: "diamond", mark: "IP" },
  Merchant: { color: "#4d7c0f", shape: "circle", mark: "M" },
  Organization: { color: "#334e68", shape: "circle", mark: "O" },
  Wallet: { color: "#b83280", shape: "square", mark: "W" },
  Handle: { color: "#0e9aa7", shape: "circle", mark: "H" },
  Domain: { color: "#8b5e3c", shape: "diamond", mark: "Dm" },
  Finding: { color: "#c53030", shape: "circle", mark: "!" },
};
const OTHER: LabelStyle = { color: "#718096", shape: "circle", mark: "?" };
const MONEY_RELS: ReadonlySet<string> = new Set(["TRANSFER", "EXCHANGED", "MOVED"]);

/** Colours of roles in a finding; the role stands in the name as well. */
export const ROLE_COLORS: Readonly<Record<string, string>> = {
  victim: "#2f7d4f", mule: "#b7791f", collector: "#c05600", cash_out: "#b3261e", caller: "#7d5ba6", shared_identifier: "#3d6fb6",
  controller: "#5b21b6", distributor: "#0f766e", exchanger: "#9d174d", exchange: "#9d174d", wallet: "#b83280", cash_point: "#78350f",
};
/** Scores from this on, highest first. */
export const SCORE_COLORS: readonly (readonly [number, string])[] = [[0.75, "#b3261e"], [0.4, "#b7791f"], [0, "#3d6fb6"]];
export const NO_COLOR = "#718096";

export const MONEY_COLOR = "#b45309";
export const PATH_COLOR = "#c2185b";

export function styleOf(label: string): LabelStyle {
  return STYLES[label] ?? OTHER;
}

export function isMoney(type: string): boolean {
  return MONEY_RELS.has(type);
}

/** Colours of the canvas, which CSS cannot reach, for light and dark pages. */
export interface Theme {
  readonly ink: string;
  readonly halo: string;
  readonly line: string;
  readonly money: string;
  readonly faint: string;
  readonly select: string;
  /** Quiet text and quiet areas under the drawing. */
  readonly dim: string;
  readonly band: string;
  readonly added: string;
  readonly gone: string;
  readonly changed: string;
}

export function themeOf(element: Element): Theme {
  const dark = element.closest("[data-bs-theme]")?.getAttribute("data-bs-theme") === "dark";
  return dark
    ? { ink: "#e2e8f0", halo: "#161c26", line: "#5b6b80", money: "#d98a3d", faint: "#2c3644", select: "#f6ad55", dim: "#a0aec0", band: "#202938", added: "#2f9e5b", gone: "#c53030", changed: "#b7791f" }
    : { ink: "#1a202c", halo: "#ffffff", line: "#a3b1c2", money: MONEY_COLOR, faint: "#e4e9ef", select: "#c05600", dim: "#5a6778", band: "#eef2f7", added: "#1b7f4b", gone: "#b3261e", changed: "#8a5a00" };
}
