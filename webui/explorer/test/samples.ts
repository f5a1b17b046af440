import type { NodeData, Properties, RelData, Subgraph } from "../src/types";

export function account(id: string, properties: Properties = {}): NodeData {
  return { label: "Account", id, properties };
}

export function transfer(id: string, from: string, to: string, minor = 100, at = 1_000, currency = "CNY"): RelData {
  return { type: "TRANSFER", id, start: ["Account", from], end: ["Account", to], properties: { amount_minor: minor, currency, at_ms: at } };
}

/** Victim V pays M1 twice; M1 pays M2 and C; M2 pays C. */
export const CHAIN: Subgraph = {
  nodes: ["V", "M1", "M2", "C"].map((id) => account(id)),
  rels: [transfer("t1", "V", "M1", 500, 1_000), transfer("t2", "V", "M1", 700, 2_000), transfer("t3", "M1", "M2", 600, 3_000), transfer("t4", "M1", "C", 300, 4_000), transfer("t5", "M2", "C", 550, 5_000)],
};
