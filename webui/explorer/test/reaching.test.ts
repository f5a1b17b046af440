import assert from "node:assert/strict";
import { test } from "node:test";
import { apply } from "../src/commands";
import { documentOf, stateOf } from "../src/document";
import { colorOf, lookLegend, sizeOf } from "../src/look";
import { MOST_JUDGED, questionOf, victimsOf } from "../src/reaching";
import { EMPTY, type State } from "../src/state";
import { viewOf } from "../src/view";
import { account, CHAIN, transfer } from "./samples";

const named = (roles: Readonly<Record<string, string>>): State => apply(EMPTY, { do: "bring", name: "aAdd", found: [{ ...CHAIN, nodes: CHAIN.nodes.map((node) => account(node.id, roles[node.id] ? { role: roles[node.id]! } : {})) }] });
const asked = (state: State) => questionOf(state, { view: viewOf(state) });

test("victims are those chosen, else those a finding names, else where the money was followed from", () => {
  const state = named({ V: "victim" });
  assert.deepEqual(victimsOf(state), ["Account:V"]);
  assert.deepEqual(victimsOf(apply(state, { do: "reach", reach: { victims: ["Account:M1"], rule: "traced_first" } })), ["Account:M1"]);
  assert.deepEqual(victimsOf(named({})), []);
  const followed = apply(EMPTY, { do: "bring", name: "aDown", found: [{ nodes: [account("S", { layer: 0 }), account("T", { layer: 1 })], rels: [transfer("t", "S", "T")] }] });
  assert.deepEqual(victimsOf(followed), ["Account:S"]);
});

test("the question names accounts, rule and the earlier of past time and time filter; without victims it says why", () => {
  assert.equal(asked(named({})), "reachNoVictims");
  let state = named({ V: "victim" });
  assert.deepEqual(asked(state), { victims: ["Account:V"], accounts: ["Account:C", "Account:M1", "Account:M2"], rule: "own_first", asOfMs: undefined, beyond: 0 });
  state = apply(apply(state, { do: "asOf", asOf: { atMs: 4_500, kind: "happened" } }), { do: "filter", filter: { toMs: 3_500 } });
  const question = asked(state);
  assert.ok(typeof question === "object" && question.asOfMs === 3_500);
  state = apply(state, { do: "asOf", asOf: { atMs: 10, kind: "known" } });
  const known = asked(state);
  assert.ok(typeof known === "object" && known.asOfMs === 3_500, "what was loaded when is not when money moved");
});

test("with more accounts than can be judged those are asked for that most money came to, and the rest is counted", () => {
  const many = Array.from({ length: MOST_JUDGED + 20 }, (_v, i) => account(`A${i}`));
  const state = apply(EMPTY, { do: "bring", name: "aAdd", found: [{ nodes: [account("V", { role: "victim" }), ...many], rels: many.map((node, i) => transfer(`t${i}`, "V", node.id, 1 + i)) }] });
  const question = asked(state);
  assert.ok(typeof question === "object");
  assert.deepEqual([question.accounts.length, question.beyond], [MOST_JUDGED, 20]);
  assert.ok(question.accounts.includes(`Account:A${MOST_JUDGED + 19}`) && !question.accounts.includes("Account:A0"));
});

test("a kept view gives back every item of it: nodes, places, lines, filters, style, path, groups, comparison, notes, past time", () => {
  let state = named({ V: "victim", M1: "mule" });
  const steps: Parameters<typeof apply>[1][] = [
    { do: "move", name: "aLayout", places: [["Account:V", { x: -3.5, y: 8 }]], layout: "layers", ground: [] }, { do: "hide", keys: ["Account:C"] }, { do: "pin", keys: ["Account:M1"] },
    { do: "filter", filter: { fromMs: 5, min: 1, currency: "CNY", maxScore: 0.9 } }, { do: "legend", kind: "offTypes", item: "CALLED" }, { do: "legend", kind: "offLabels", item: "Phone" },
    { do: "mode", mode: "flow" }, { do: "fold", on: false }, { do: "group", by: "label" }, { do: "openGroup", id: "Account" }, { do: "look", look: "role" },
    { do: "trail", rels: ["TRANSFER:t1", "TRANSFER:t3"] }, { do: "diff", diff: [["n:Account:V", "added"], ["r:TRANSFER:t2", "changed"]] }, { do: "reach", reach: { victims: ["Account:V"], rule: "traced_first" } },
    { do: "asOf", asOf: { atMs: 9_000, kind: "known" } }, { do: "note", note: { id: "n1", kind: "rel", key: "TRANSFER:t1", text: "seen", mark: "star", author: "a", at_ms: 7 } },
  ];
  for (const step of steps) state = apply(state, step);
  const core = { state, labels: false, amounts: true, reachOn: false } as Parameters<typeof documentOf>[0];
  const document = JSON.parse(JSON.stringify(documentOf(core))) as ReturnType<typeof documentOf>;
  assert.deepEqual([document.labels, document.amounts, document.reach_shown, document.layout], [false, true, false, "layers"]);
  const { state: back, fresh } = stateOf(document, CHAIN, []);
  assert.equal(fresh, 0);
  const kept = (of: State) => ({ ...of, nodes: [...of.nodes.keys()], rels: [...of.rels.keys()].sort(), places: new Map([...of.places].map(([key, { x, y }]) => [key, [Math.round(x * 10), Math.round(y * 10)]])) });
  assert.deepEqual(kept(back), kept(state));
  assert.deepEqual(back.nodes.get("Account:V")?.properties["role"], "victim");
});

test("of a path, victims and lines only what is still there comes back", () => {
  const state = apply(apply(named({ V: "victim" }), { do: "trail", rels: ["TRANSFER:t1", "TRANSFER:t5"] }), { do: "reach", reach: { victims: ["Account:V"], rule: "own_first" } });
  const document = documentOf({ state, labels: true, amounts: true, reachOn: true } as Parameters<typeof documentOf>[0]);
  const { state: back } = stateOf(document, { nodes: CHAIN.nodes.filter((node) => node.id !== "V"), rels: CHAIN.rels.filter((rel) => rel.id === "t5") }, []);
  assert.deepEqual([...back.path], ["TRANSFER:t5"]);
  assert.equal(back.reach, null);
});

test("a named style colours by role or score, sizes by money, and its legend counts", () => {
  const [v, m] = [account("V", { role: "victim", score: 0.8 }), account("M1", { role: "mule", score: 0.2 })];
  assert.notEqual(colorOf("role", v), colorOf("role", m));
  assert.notEqual(colorOf("score", v), colorOf("score", m));
  assert.equal(colorOf("type", v), colorOf("type", m));
  assert.deepEqual(lookLegend("role", [v, m, account("X")]).map(({ says, n }) => [says, n]), [["victim", 1], ["mule", 1], ["", 1]]);
  assert.deepEqual(lookLegend("score", [v, m]).map(({ says }) => says), ["0.75", "0.00"]);
  assert.deepEqual(lookLegend("money", [v]), []);
  const state = apply(named({}), { do: "look", look: "money" });
  const sizes = ["V", "M1", "C"].map((id) => sizeOf(state, viewOf(state), `Account:${id}`, 11));
  assert.ok(sizes[0]! === 26 && sizes[1]! === 26 && sizes[2]! < 26 && sizes[2]! > 8, String(sizes));
  assert.equal(sizeOf(named({}), viewOf(state), "Account:V", 11), 11);
});
