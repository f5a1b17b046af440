/** Named styles: what a node's colour and size say. Colour is never the only sign: role and score stand in the name then. */
import { accountsOf } from "./flow";
import type { Word } from "./i18n";
import { kept } from "./kept";
import type { Look, State } from "./state";
import { NO_COLOR, ROLE_COLORS, SCORE_COLORS, styleOf } from "./style";
import type { Key, NodeData } from "./types";
import type { View } from "./view";

export const LOOKS: readonly Look[] = ["type", "role", "score", "money"];

export const LOOK_WORDS: Readonly<Record<Look, Word>> = { type: "styleType", role: "styleRole", score: "styleScore", money: "styleMoney" };

/** Size of a node by its links: the plain style. */
export function byLinks(label: string, degree: number): number {
  return (label === "Finding" ? 14 : 10) + Math.min(7, Math.log2(1 + degree));
}

export function colorOf(look: Look, node: NodeData): string {
  if (look === "role") return ROLE_COLORS[String(node.properties["role"] ?? "")] ?? NO_COLOR;
  if (look === "score") return bandOf(node)?.[1] ?? NO_COLOR;
  return styleOf(node.label).color;
}

/** The score's band; undefined for a node without one. */
function bandOf(node: NodeData): readonly [number, string] | undefined {
  const score = node.properties["score"];
  return typeof score === "number" ? SCORE_COLORS.find(([least]) => score >= least) : undefined;
}

/** Size by links as given, or by money that went through on the canvas: the area grows with the amount. */
export function sizeOf(state: State, view: View, key: Key, byLinks: number): number {
  if (state.look !== "money") return byLinks;
  const { through, most } = throughOf(view);
  const share = Math.max(0, ...[...(through.get(key) ?? [])].map(([currency, minor]) => minor / (most.get(currency) ?? minor)));
  return share > 0 ? 8 + 18 * Math.sqrt(share) : 7;
}

/** The larger of in and out by currency, and the largest of each currency: amounts are compared within one only. */
const throughOf = kept((view: View) => {
  const through = new Map<Key, Map<string, number>>();
  const most = new Map<string, number>();
  for (const [key, { ins, outs }] of accountsOf(view)) {
    const mine = new Map<string, number>();
    for (const currency of new Set([...ins.keys(), ...outs.keys()])) {
      const minor = Math.max(ins.get(currency) ?? 0, outs.get(currency) ?? 0);
      mine.set(currency, minor);
      most.set(currency, Math.max(most.get(currency) ?? 0, minor));
    }
    through.set(key, mine);
  }
  return { through, most };
});

/** Colours in use with what they say and how many nodes have each, for the legend. `says` is a role's name, or the least score. */
export function lookLegend(look: Look, nodes: Iterable<NodeData>): { color: string; says: string; n: number }[] {
  if (look !== "role" && look !== "score") return [];
  const found = new Map<string, { color: string; says: string; n: number }>();
  for (const node of nodes) {
    const role = String(node.properties["role"] ?? "");
    const says = look === "role" ? role : bandOf(node)?.[0].toFixed(2) ?? "";
    const known = found.get(says) ?? { color: colorOf(look, node), says, n: 0 };
    known.n += 1;
    found.set(says, known);
  }
  return [...found.values()].sort((a, b) => (a.says === "" ? 1 : b.says === "" ? -1 : b.says < a.says ? -1 : 1));
}
