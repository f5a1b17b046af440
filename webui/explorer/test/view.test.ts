import assert from "node:assert/strict";
import { test } from "node:test";
import { EMPTY, hide, merge } from "../src/state";
import { foldLines, histogram, judge, lineLabel, viewOf } from "../src/view";
import { account, CHAIN, transfer } from "./samples";

const state = merge(EMPTY, CHAIN);

test("parallel transfers are one line with count and total", () => {
  const line = [...viewOf(state).lines.values()].find((each) => each.rels.length === 2)!;
  assert.equal(line.start, "Account:V");
  assert.equal(line.totals.get("CNY"), 1200);
  assert.equal(lineLabel(line, (type) => type), "2 × Σ 12 CNY");
});

test("currencies are never added together", () => {
  const [line] = foldLines([transfer("a", "X", "Y", 100, 1, "CNY"), transfer("b", "X", "Y", 100, 1, "JPY")]).values();
  assert.deepEqual([...line!.totals], [["CNY", 100], ["JPY", 100]]);
});

test("lines between the same two nodes do not lie on each other", () => {
  const lines = [...foldLines([transfer("a", "X", "Y"), transfer("b", "Y", "X")]).values()];
  // Seen from each line's own start; both bend to their own right, so they part.
  assert.equal(lines.length, 2);
  assert.equal(lines[0]!.curve, lines[1]!.curve);
  assert.notEqual(lines[0]!.curve, 0);
});

test("hidden nodes and switched-off kinds leave the drawing but not the counts", () => {
  const view = viewOf({ ...hide(state, ["Account:M2"]), offTypes: new Set(["CALLED"]) });
  assert.equal(view.nodes.size, 3);
  assert.equal(view.labelCounts.get("Account"), 4);
  assert.equal(viewOf({ ...state, offLabels: new Set(["Account"]) }).nodes.size, 0);
});

test("a time filter drops what lies outside, and nodes left without anything, and says how many", () => {
  const view = viewOf({ ...state, filter: { fromMs: 3_500 } });
  assert.deepEqual([...view.lines.values()].flatMap((line) => line.rels.map((rel) => rel.id)), ["t4", "t5"]);
  assert.equal(view.filteredRels, 3);
  assert.equal(view.filteredNodes, 1);
  assert.ok(!view.nodes.has("Account:V"));
});

test("an amount filter judges one currency and counts the others", () => {
  assert.equal(judge(transfer("a", "X", "Y", 100), { min: 2, currency: "CNY" }), "out");
  assert.equal(judge(transfer("a", "X", "Y", 200), { min: 2, max: 2, currency: "CNY" }), "in");
  assert.equal(judge(transfer("a", "X", "Y", 1, 1, "JPY"), { min: 2, currency: "CNY" }), "other");
  assert.equal(judge({ type: "OWNS", id: "o", start: ["Person", "p"], end: ["Account", "a"], properties: {} }, { fromMs: 5, min: 2 }), "in");
});

test("the histogram counts every timed relationship once", () => {
  const found = histogram(state, 10)!;
  assert.deepEqual([found.from, found.to], [1_000, 5_000]);
  assert.equal(found.counts.reduce((a, b) => a + b), 5);
  assert.equal(histogram(merge(EMPTY, { nodes: [account("A")], rels: [] })), null);
});
