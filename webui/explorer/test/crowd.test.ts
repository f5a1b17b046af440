import assert from "node:assert/strict";
import { test } from "node:test";
import { paintCaptions } from "../src/render/captions";
import { fitted } from "../src/render/glyph";
import { crowdOf, paint, type Look } from "../src/render/crowd";
import { placed, widthOfText, type Caption } from "../src/render/labels";
import type { Scene, SceneLine, SceneNode } from "../src/render/renderer";
import { pixelOf, thinCurve, thinLine } from "../src/render/thin-lines";
import type { Theme } from "../src/style";

const theme = { ink: "#000", halo: "#fff", line: "#999", money: "#b45309", faint: "#eee", select: "#c05600", dim: "#555", band: "#eef", added: "#0a0", gone: "#a00", changed: "#aa0" } satisfies Theme;
const node = (key: string, x: number, y: number, more: Partial<SceneNode> = {}): SceneNode => ({ key, x, y, size: 6, color: "#1f7a8c", shape: "circle", mark: "A", label: key, pinned: false, selected: false, ...more });
const line = (start: string, end: string, more: Partial<SceneLine> = {}): SceneLine => ({ key: `${start}-${end}`, start, end, color: "#b45309", width: 1.8, label: "", curve: 0, selected: false, ...more });
const sceneOf = (nodes: SceneNode[], lines: SceneLine[]): Scene => ({ nodes, lines, ground: [], labels: true, amounts: true });
const look: Look = { x: 0, y: 0, scale: 1, width: 400, height: 300, margin: 0, ratio: 1, still: true };

/** A context that writes down what is drawn, and whose pixels can be read. */
function recorder() {
  const calls: string[] = [];
  const pixels = { data: new Uint8ClampedArray(400 * 300 * 4).fill(255) };
  const state: Record<string, unknown> = { canvas: { width: 400, height: 300 }, getImageData: () => pixels };
  const context = new Proxy({}, {
    get: (_target, name: string) => (name in state ? state[name] : (...given: unknown[]) => void calls.push(`${name}(${given.map((one) => (typeof one === "number" ? Math.round(one) : one)).join(",")})${name === "stroke" ? ` ${String(state["strokeStyle"])} ${String(state["lineWidth"])}` : ""}`)),
    set: (_target, name: string, value: unknown) => ((state[name] = value), true),
  });
  return { calls, pixels: new Uint32Array(pixels.data.buffer), context: context as CanvasRenderingContext2D };
}

function painted(scene: Scene, at: Partial<Look> = {}): string[] {
  const { calls, context } = recorder();
  paint(context, crowdOf(scene, new Map(scene.nodes.map((each) => [each.key, each])), theme), { ...look, ...at });
  return calls;
}

test("the middle of the look is the middle of the picture, and y points up", () => {
  const calls = painted(sceneOf([node("a", 0, 0), node("b", 100, 50)], [line("a", "b")]));
  assert.ok(calls.includes("moveTo(200,150)") && calls.includes("lineTo(300,100)"), calls.join(" "));
});

test("what is off the picture is not drawn, a line across it is", () => {
  const nodes = [node("a", -900, 0), node("b", 900, 0), node("c", 900, 400), node("d", 950, 500)];
  const calls = painted(sceneOf(nodes, [line("a", "b"), line("c", "d")]));
  assert.equal(calls.filter((call) => call.startsWith("stroke(")).length, 1);
  assert.ok(!calls.some((call) => call.startsWith("fillText")), "no name of a node that is off");
});

test("a moving picture has thin lines, no heads and no words; one at rest has its widths", () => {
  const scene = sceneOf([node("a", -90, 0), node("b", 90, 0)], [line("a", "b", { width: 4 })]);
  assert.ok(painted(scene).includes("stroke() #b45309 4"));
  const moving = painted(scene, { still: false });
  assert.ok(!moving.some((call) => call.startsWith("stroke(")), "plain lines go straight into pixels");
  assert.ok(!moving.some((call) => call.startsWith("fillText")));
  assert.ok(moving.length < painted(scene).length);
});

test("quiet lines lie under plain ones, the selected on top and at its width though all else is thin", () => {
  const lines = [line("a", "b", { selected: true, color: theme.select, width: 3.5 }), line("b", "c", { width: 2 }), line("a", "c", { color: theme.faint, width: 2 })];
  const nodes = [node("a", -90, 0), node("b", 90, 0), node("c", 0, 90)];
  const strokes = painted(sceneOf(nodes, lines)).filter((call) => call.startsWith("stroke("));
  assert.deepEqual(strokes, ["stroke() #eee 2", "stroke() #b45309 2", `stroke() ${theme.select} 3.5`]);
  const moving = painted(sceneOf(nodes, lines), { still: false });
  assert.deepEqual(moving.filter((call) => call.startsWith("stroke(")), [`stroke() ${theme.select} 3.5`]);
  assert.ok(moving.findIndex((call) => call.startsWith("putImageData")) < moving.findIndex((call) => call.startsWith("stroke(")), "under the selected one");
});

test("thin lines lie where they should, shine through, and what is outside is cut off", () => {
  const white = 0xffffffff;
  const made = () => ({ data: new Uint32Array(40 * 30).fill(white), wide: 40, high: 30 });
  const inked = ({ data }: { data: Uint32Array }) => [...data.keys()].filter((at) => data[at] !== white).map((at) => [at % 40, Math.floor(at / 40)]);
  const flat = made();
  thinLine(flat, 5, 10, 15, 10, pixelOf("#b45309"), 1);
  assert.deepEqual(inked(flat), Array.from({ length: 10 }, (_, i) => [5 + i, 10]));
  assert.equal(flat.data[10 * 40 + 7], pixelOf("#b45309"), "opaque: its own colour");
  assert.equal(pixelOf("#eee"), pixelOf("#eeeeee"));
  const slanted = made();
  thinLine(slanted, -1000, -1000, 1000, 1000, pixelOf("#000000"), 0.5);
  assert.ok(inked(slanted).length >= 29 && inked(slanted).every(([x, y]) => Math.abs(x! - y!) <= 1));
  const once = slanted.data[5 * 40 + 5]! & 0xff;
  thinLine(slanted, -1000, -1000, 1000, 1000, pixelOf("#000000"), 0.5);
  assert.ok(once > 120 && once < 135 && (slanted.data[5 * 40 + 5]! & 0xff) < once, "dense is darker");
  const none = made();
  for (const [ax, ay, bx, by] of [[-5, -5, -5, 50], [100, 0, 200, 30], [-10, 5, 10, -30], [0, -1, 39, -1]] as const) thinLine(none, ax, ay, bx, by, 0, 1);
  assert.deepEqual(inked(none), []);
  const bent = made();
  thinCurve(bent, 2, 2, 20, 50, 38, 2, pixelOf("#000000"), 1);
  assert.ok(inked(bent).some(([x, y]) => Math.abs(x! - 20) < 2 && Math.abs(y! - 26) < 2), "through the middle of the curve");
  for (let i = 0; i < 400; i++) thinLine(bent, ((i * 37) % 90) - 25, ((i * 53) % 70) - 20, ((i * 91) % 90) - 25, ((i * 17) % 70) - 20, 0, 0.3);
});

test("an end that is not drawn takes its line with it", () => {
  assert.equal(crowdOf(sceneOf([node("a", 0, 0)], [line("a", "x")]), new Map([["a", { x: 0, y: 0 }]]), theme).starts.length, 0);
});

test("no name is written over another; the heavier come first, the selected always", () => {
  const at = (text: string, x: number, weight: number, always = false): Caption => ({ text, x, y: 0, weight, always });
  const names = (captions: Caption[]) => placed(captions).map((one) => one.text);
  assert.deepEqual(names([at("small", 0, 1), at("large", 10, 9), at("far", 400, 1)]), ["large", "far"]);
  assert.deepEqual(names([at("one", 0, 1, true), at("two", 5, 9)]), ["one"]);
  assert.deepEqual(names([at("one", 0, 1, true), at("two", 5, 9, true)]), ["two", "one"], "both are selected");
  const many = Array.from({ length: 300 }, (_, i) => at(`N${i}`, (i * 7) % 400, i));
  const written = placed(many);
  for (const [i, a] of written.entries()) for (const b of written.slice(i + 1)) assert.ok(Math.abs(a.x - b.x) >= (widthOfText(a.text) + widthOfText(b.text)) / 2 - 1e-9, `${a.text} over ${b.text}`);
  assert.deepEqual(placed(many), written, "the same every time");
});

test("no name lies over a node: it goes above or beside its own, or is left out", () => {
  const tall = { text: "name", x: 0, y: 20, weight: 1, always: false, others: [{ x: 0, y: -20 }, { x: 60, y: 0 }] };
  const glyphs = (...at: number[]) => at.map((y) => ({ x: 0, y, size: 8 }));
  assert.deepEqual(placed([tall], glyphs(0)).map(({ x, y }) => [x, y]), [[0, 20]]);
  assert.deepEqual(placed([tall], glyphs(0, 22)).map(({ x, y }) => [x, y]), [[0, -20]]);
  assert.deepEqual(placed([tall], glyphs(-22, 0, 22)).map(({ x, y }) => [x, y]), [[60, 0]]);
  assert.deepEqual(placed([tall], [...glyphs(-22, 0, 22), { x: 60, y: 0, size: 8 }]), []);
  assert.equal(placed([{ ...tall, always: true }], glyphs(22)).length, 1, "the selected one is written all the same");
  const edge = { text: "a long name", x: 20, y: 20, weight: 1, always: false, others: [{ x: 20, y: -20 }, { x: 90, y: 0 }] };
  assert.deepEqual(placed([edge], [], 400).map(({ x }) => x), [90], "where all of it can be read");
  assert.deepEqual(placed([edge], [{ x: 90, y: 0, size: 20 }], 400).map(({ x }) => x), [20], "else as it stood");
  const less = { ...edge, x: 200, text: "a name with its role", others: [], less: { ...edge, x: 200, text: "a", others: [] } };
  assert.deepEqual(placed([less], [{ x: 240, y: 20, size: 8 }], 400).map(({ text }) => text), ["a"]);
});

test("the head of a narrow band says less, never half a word", () => {
  const head = (width: number) => fitted({ measureText: (text: string) => ({ width: text.length * 7 }) as TextMetrics }, "Layer 3 · 12\n02-15 16:28 – 02-17 21:14", width);
  assert.deepEqual(head(400), ["Layer 3 · 12", "02-15 16:28 – 02-17 21:14"]);
  assert.deepEqual(head(90), ["Layer 3 · 12", "02-15 16:28"]);
  assert.deepEqual(head(50), ["Layer 3", "02-15"]);
  assert.deepEqual(head(36), ["3", "02-15"]);
  assert.deepEqual(head(6), ["", ""]);
});

test("Chinese takes more room than Latin", () => {
  assert.ok(widthOfText("王芳王芳") > widthOfText("abcd") * 1.5);
});

test("amounts give way to names, and a slanted one takes the room it lies in", () => {
  const recorded = recorder();
  const places = new Map([["a", { x: 0, y: 0, size: 10 }], ["b", { x: 100, y: 0, size: 10 }], ["c", { x: 100, y: 200, size: 10 }]]);
  const named = sceneOf([node("a", 0, 0), node("b", 100, 0), node("c", 0, 0, { label: "" })], [line("a", "b", { label: "50K CNY" }), line("b", "c", { label: "9 CNY" })]);
  paintCaptions(recorded.context, named, (key) => places.get(key)!, theme, null);
  const written = recorded.calls.filter((call) => call.startsWith("fillText")).map((call) => call.slice(9).split(",")[0]);
  assert.deepEqual(written, ["a", "b", "50K CNY", "9 CNY"]);
  const covered = recorder();
  const under = sceneOf([node("a", 0, 0, { label: "a name as long as the line it lies on is" }), named.nodes[1]!], [line("a", "b", { label: "50K CNY" })]);
  places.set("a", { x: 0, y: -20, size: 1 });
  places.set("b", { x: 160, y: 0, size: 10 });
  paintCaptions(covered.context, under, (key) => places.get(key)!, theme, null);
  assert.ok(!covered.calls.some((call) => call.includes("50K CNY")), "the amount would lie under the name");
});
