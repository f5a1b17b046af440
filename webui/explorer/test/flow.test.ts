import assert from "node:assert/strict";
import { test } from "node:test";
import { compared, at } from "../src/compare";
import { apply } from "../src/commands";
import { cypherOf, cypherOfView } from "../src/cypher";
import { accountsOf, frames, keptOf, moments, widthOf } from "../src/flow";
import { banded } from "../src/layout/bands";
import { mapped } from "../src/layout/map";
import { regionOf } from "../src/layout/regions";
import { tree } from "../src/layout/tree";
import { EMPTY, merge } from "../src/state";
import type { RelData } from "../src/types";
import { inside } from "../src/ui/lasso";
import { foldLines, netOf, past, viewOf } from "../src/view";
import { account, CHAIN, transfer } from "./samples";

const flowing = { ...merge(EMPTY, CHAIN), mode: "flow" as const };

test("each account's in, out and kept are the sums of what is drawn", () => {
  const accounts = accountsOf(viewOf(flowing));
  const m1 = accounts.get("Account:M1")!;
  assert.deepEqual([...m1.ins], [["CNY", 1200]]);
  assert.deepEqual([...m1.outs], [["CNY", 900]]);
  assert.deepEqual([...keptOf(m1)], [["CNY", 300]]);
  const all = [...accounts.values()].flatMap((one) => [...keptOf(one).values()]).reduce((a, b) => a + b, 0);
  assert.equal(all, 0, "what is kept by all is nothing: money only moves");
});

test("both directions are one line with net and gross, drawn the way most went", () => {
  const [line] = foldLines([transfer("a", "X", "Y", 100), transfer("b", "Y", "X", 300), transfer("c", "Y", "X", 50)], { fold: true, both: true }).values();
  assert.deepEqual([line!.start, line!.end, line!.rels.length], ["Account:Y", "Account:X", 3]);
  assert.deepEqual([...line!.totals, ...line!.back, ...netOf(line!)], [["CNY", 350], ["CNY", 100], ["CNY", 250]]);
});

test("unfolded, every transfer is its own line", () => {
  assert.equal(viewOf({ ...merge(EMPTY, CHAIN), fold: false }).lines.size, 5);
});

test("money mode draws accounts and money only and counts the rest", () => {
  const mixed = merge(EMPTY, { nodes: [...CHAIN.nodes, { label: "Phone", id: "1", properties: {} }], rels: CHAIN.rels });
  const view = viewOf({ ...mixed, mode: "flow" });
  assert.equal(view.nodes.size, 4);
  assert.equal(view.notMoney, 1);
});

test("bands go from payer to cash-out, and a later arrival stands further right in its band", () => {
  const view = viewOf(flowing);
  const { places, ground } = banded(view.nodes, [...view.lines.values()], flowing.rels.values(), accountsOf(view), (layer) => String(layer));
  const x = (id: string) => places.get(`Account:${id}`)!.x;
  assert.ok(x("V") < x("M1") && x("M1") < x("M2") && x("M2") < x("C"), "M2 got its money before C");
  assert.deepEqual(ground.map((band) => band.text), ["0", "1", "2"]);
  assert.deepEqual([...banded(view.nodes, [...view.lines.values()], flowing.rels.values(), accountsOf(view), String).places], [...places]);
});

test("playing goes through every moment once, in order, in few enough steps", () => {
  assert.deepEqual(moments(flowing.rels.values()), [1_000, 2_000, 3_000, 4_000, 5_000]);
  const many = Array.from({ length: 1_000 }, (_v, index) => index);
  const steps = frames(many, 120);
  assert.equal(steps.length, 120);
  assert.equal(steps.at(-1), 999);
  assert.ok(steps.every((at, index) => index === 0 || at > steps[index - 1]!));
});

test("a line's width grows with its amount and never beyond the widest", () => {
  assert.ok(widthOf(0, 100) < widthOf(25, 100) && widthOf(25, 100) < widthOf(100, 100));
  assert.equal(widthOf(100, 100), 13);
  assert.equal(widthOf(5, 0), 1.5);
});

test("groups take their members off the canvas and give them back when opened", () => {
  const device = { label: "Device", id: "d", properties: {} };
  const uses = (id: string): RelData => ({ type: "USED_DEVICE", id: `u${id}`, start: ["Account", id], end: ["Device", "d"], properties: {} });
  const shared = merge(EMPTY, { nodes: [...CHAIN.nodes, device], rels: [...CHAIN.rels, uses("M1"), uses("M2")] });
  const grouped = viewOf({ ...shared, groupBy: "device" });
  assert.equal(grouped.nodes.size, 4, "V, C, the device, and one group of two");
  const group = [...grouped.groups.keys()][0]!;
  assert.deepEqual([...grouped.groups.get(group)!.members].sort(), ["Account:M1", "Account:M2"]);
  const through = [...grouped.lines.values()].reduce((sum, line) => sum + line.rels.length, 0);
  assert.equal(through, 6, "all but the transfer inside the group");
  assert.equal(viewOf({ ...shared, groupBy: "device", openGroups: new Set(["Device:d"]) }).nodes.size, 5);
});

test("a past time shows what had happened, or what had been loaded", () => {
  const rel = { ...transfer("a", "X", "Y", 1, 500), properties: { at_ms: 500, loaded_at_ms: 900 } };
  assert.deepEqual([past(rel, null), past(rel, { atMs: 499, kind: "happened" }), past(rel, { atMs: 500, kind: "happened" }), past(rel, { atMs: 800, kind: "known" })], [true, false, true, false]);
});

test("a comparison says what came, went and changed, and keeps all of it drawable", () => {
  const before = merge(EMPTY, { nodes: [account("A", { name: "x", load_seq: 1 }), account("B")], rels: [transfer("t", "A", "B")] });
  const now = merge(EMPTY, { nodes: [account("A", { name: "y", load_seq: 2 }), account("C")], rels: [] });
  const { diff, union } = compared(before, now);
  assert.deepEqual(Object.fromEntries(diff), { "n:Account:C": "added", "n:Account:A": "changed", "n:Account:B": "gone", "r:TRANSFER:t": "gone" });
  assert.equal(union.nodes.size, 3);
  assert.equal(at(merge(EMPTY, CHAIN), 2_000, "happened").rels.size, 2);
});

test("regions are known by code, province and city, in both languages", () => {
  for (const text of ["广东", "广东省深圳市", "Guangdong", "guangdong province", "44", "440300", "深圳市", "Shenzhen"]) assert.equal(regionOf(text)?.code, "44", text);
  assert.equal(regionOf("内蒙古自治区")?.code, "15");
  for (const text of ["", null, "Atlantis", 44]) assert.equal(regionOf(text), null);
});

test("the map puts regions where they are and counts those it does not know", () => {
  const nodes = new Map([["Account:a", account("a", { region: "广东" })], ["Account:b", account("b", { region: "北京" })], ["Account:c", account("c")]]);
  const { places, unknown } = mapped(nodes, "en", "unknown");
  assert.equal(unknown, 1);
  assert.ok(places.get("Account:a")!.y < places.get("Account:b")!.y, "Guangdong is south of Beijing");
  assert.ok(places.get("Account:c")!.x < places.get("Account:a")!.x);
});

test("a tree puts children below their parent, and ends on a ring and on a chain of ten thousand", () => {
  const view = viewOf(merge(EMPTY, CHAIN));
  const places = tree(view.nodes, [...view.lines.values()]);
  assert.ok(places.get("Account:V")!.y > places.get("Account:M1")!.y && places.get("Account:M1")!.y > places.get("Account:C")!.y);
  const ring = viewOf(merge(EMPTY, { nodes: [account("A"), account("B")], rels: [transfer("x", "A", "B"), transfer("y", "B", "A")] }));
  assert.equal(tree(ring.nodes, [...ring.lines.values()]).size, 2);
  const long = Array.from({ length: 10_000 }, (_v, index) => account(`N${index}`));
  const chain = viewOf(merge(EMPTY, { nodes: long, rels: long.slice(1).map((_n, index) => transfer(`t${index}`, `N${index}`, `N${index + 1}`)) }));
  assert.equal(tree(chain.nodes, [...chain.lines.values()]).size, 10_000);
});

test("a loop catches what is inside it", () => {
  const square = [{ x: 0, y: 0 }, { x: 10, y: 0 }, { x: 10, y: 10 }, { x: 0, y: 10 }];
  assert.ok(inside({ x: 5, y: 5 }, square));
  assert.ok(!inside({ x: 15, y: 5 }, square));
});

test("every question becomes Cypher with parameters only; nothing of the data stands in the text", () => {
  const evil = "x'}) DETACH DELETE (n) //";
  const texts = [
    cypherOf({ what: "nodes", keys: [`Account:${evil}`] }, "ladybug"),
    cypherOf({ what: "expand", key: `Account:${evil}`, ways: [{ rel: "TRANSFER", direction: "in", other_label: "Account" }], order: "amount", limit: 50, narrow: { from_ms: 5, min_minor: 100 } }, "ladybug"),
    cypherOf({ what: "paths", start: `Account:${evil}`, end: "Phone:1", via: [], hops: 6, directed: false, rels: ["OWNS"] }, "neo4j"),
    cypherOf({ what: "trace", starts: [`Account:${evil}`], direction: "down", hops: 2, min_minor: 0 }, "ladybug"),
    cypherOfView({ ...merge(EMPTY, CHAIN), filter: { fromMs: 1, min: 1, currency: "CNY" } }, viewOf(merge(EMPTY, CHAIN))),
  ];
  for (const { cypher, params } of texts) {
    assert.ok(!cypher.includes("DETACH"), cypher);
    for (const name of cypher.match(/\$\w+/g) ?? []) assert.ok(name.slice(1) in params, `${name} in ${cypher}`);
  }
  assert.match(texts[1]!.cypher, /<-\[r:TRANSFER\]-\(b:Account\)\nWHERE a.id = \$id AND r.at_ms >= \$from_ms AND r.amount_minor >= \$min_minor/);
  assert.throws(() => cypherOf({ what: "nodes", keys: ["A) DELETE (n:x"] }, "ladybug"));
});

test("legend: only one kind, and everything again", () => {
  const all = ["A", "B", "C"];
  const one = apply(EMPTY, { do: "only", kind: "offLabels", item: "A", all });
  assert.deepEqual([...one.offLabels], ["B", "C"]);
  assert.equal(apply(one, { do: "only", kind: "offLabels", item: "A", all }).offLabels.size, 0);
});
