/** Files: what is on screen written by the server, and our own JSON read back. */
import type { Core } from "./core";
import { caption, count, time } from "./format";
import { schemaName } from "./i18n";
import type { Loading } from "./loading";
import { byLinks, colorOf, LOOK_WORDS, lookLegend, sizeOf } from "./look";
import * as change from "./state";
import { keyOf, pairOf, type Key } from "./types";
import { nodeTotals } from "./view";
import { openMenu } from "./ui/menu";

const LARGEST = 2 * 1024 * 1024;

export async function exportMenu(core: Core, at: { x: number; y: number }, title: string, chosen: (file: File) => void): Promise<void> {
  const may = core.options.may.has("graph.export");
  await core.working(core.words("loading"), async () => {
    const why = !may ? core.words("whyNoExport") : core.view.nodes.size ? null : core.words("exportEmpty");
    const formats = may ? await core.api.exports() : [];
    core.say("");
    openMenu([...formats.map((format) => ({ text: format.title, why, action: () => void save(core, format.name, format.suffix ?? "", title) })),
      ...(formats.length ? [] : [{ text: core.words("export"), why, action: () => undefined }]), null, { text: core.words("import"), action: () => pickFile(chosen) }], at, core.words("export"));
  });
}

function pickFile(chosen: (file: File) => void): void {
  const input = document.createElement("input");
  input.type = "file";
  input.accept = ".json,application/json";
  input.addEventListener("change", () => {
    const file = input.files?.[0];
    if (file) chosen(file);
  });
  input.click();
}

/** The server judges the file; what of it is in the graph comes, the rest is drawn as gone or restricted. */
export async function importFile(core: Core, loading: Loading, file: File): Promise<void> {
  await core.working(core.words("loading"), async () => {
    if (file.size > LARGEST) return core.say(core.words("importLarge", { name: file.name, n: LARGEST >> 20 }), true);
    const found = await core.api.importGraph(await file.text());
    await loading.graph(found.subgraph, found.ghosts);
    core.amend(change.move(core.state, new Map(found.places.map((place) => [keyOf(place.label, place.id), place]))));
    core.redraw();
    core.renderer.fit();
    core.say(core.words("imported", { name: file.name, n: found.subgraph.nodes.length, m: found.ghosts.length }));
  });
}

/** The filters in words, for the legend of a file. */
function filterLines(core: Core): string[] {
  const { words, state } = core;
  const { filter } = state;
  const zone = core.options.zone;
  const span = (low: string, high: string) => `${low || words("any")} – ${high || words("any")}`;
  const lines: string[] = [];
  if (filter.fromMs !== undefined || filter.toMs !== undefined) lines.push(`${words("time")}: ${span(filter.fromMs === undefined ? "" : time(filter.fromMs, zone), filter.toMs === undefined ? "" : time(filter.toMs, zone))}`);
  if (filter.min !== undefined || filter.max !== undefined) lines.push(`${words("amount")}: ${span(String(filter.min ?? ""), String(filter.max ?? ""))} ${filter.currency ?? ""}`);
  if (filter.minScore !== undefined || filter.maxScore !== undefined) lines.push(`${words("score")}: ${span(String(filter.minScore ?? ""), String(filter.maxScore ?? ""))}`);
  if (state.asOf) lines.push(`${words(state.asOf.kind === "happened" ? "asOfHappened" : "asOfKnown")}: ${time(state.asOf.atMs, zone)}`);
  const off = [...state.offLabels, ...state.offTypes].map((name) => schemaName(words, name));
  if (state.look !== "type") lines.push(`${words("style")}: ${words(LOOK_WORDS[state.look])}`);
  if (off.length) lines.push(`${words("switchedOff")}: ${off.join(", ")}`);
  if (state.hidden.size) lines.push(words("hidden", { n: state.hidden.size }));
  for (const item of state.remainders.values()) lines.push(words("remainderLine", { name: core.name(item.root), all: item.total, rel: schemaName(words, item.rel) }));
  return lines.map((line) => line.slice(0, 300)).slice(0, 50);
}

/** Colour and size of each node as it is drawn now: the file looks like the screen. */
function drawnLooks(core: Core, keys: readonly Key[]): { label: string; id: string; color: string; size: number }[] {
  const { state, view } = core;
  const totals = nodeTotals(view);
  return keys.map((key) => {
    const [label, id] = pairOf(key);
    const size = sizeOf(state, view, key, byLinks(label, totals.get(key)?.degree ?? 0));
    return { label, id, color: colorOf(state.look, view.nodes.get(key)!), size: Math.round(size * 100) / 100 };
  });
}

async function save(core: Core, format: string, suffix: string, named: string): Promise<void> {
  const { words, state, view } = core;
  await core.working(words("exporting"), async () => {
    const keys = [...view.nodes.keys()].filter((key) => state.nodes.has(key));
    const members = [...view.groups.values()].flatMap((group) => group.members);
    const all = [...keys, ...members];
    const rels = [...view.lines.values()].flatMap((line) => line.rels.map((rel) => rel.id));
    const positions = all.map((key) => {
      const place = state.places.get(key)!;
      const [label, id] = pairOf(key);
      return { label, id, x: Math.round(place.x * 100) / 100, y: Math.round(place.y * 100) / 100 };
    });
    const finding = [...view.nodes.values()].find((node) => node.label === "Finding");
    const title = (named || (finding ? caption(finding, 120) : "Ringtrace")).slice(0, 200);
    const looks = state.look === "type" ? {} : { looks: drawnLooks(core, keys), colors: lookLegend(state.look, [...view.nodes.values()]).map(({ color, says, n }) => ({ color, text: `${says === "" ? words("lookNone") : state.look === "role" ? schemaName(words, says) : `${says} +`}  ${count(n)}` })) };
    const reach = core.reach && { victims: core.reach.question.victims.map((key) => pairOf(key)[1]), accounts: core.reach.question.accounts.map((key) => pairOf(key)[1]), rule: core.reach.question.rule, ...(core.reach.question.asOfMs === undefined ? {} : { as_of_ms: core.reach.question.asOfMs }) };
    const { fromMs, toMs } = state.filter;
    const span = { ...(fromMs === undefined ? {} : { from_ms: fromMs }), ...(toMs === undefined ? {} : { to_ms: toMs + 1 }) };
    const { blob, name } = await core.api.export(format, { keys: all.map(pairOf), rel_ids: rels, positions, title, filters: filterLines(core), ...span, ...looks, ...(reach ? { reach } : {}) });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name ?? `ringtrace${suffix}`;
    link.click();
    window.setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    core.say(words("exported", { name: link.download }));
  });
}
