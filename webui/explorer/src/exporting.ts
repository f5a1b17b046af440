/** Saves what is on screen: visible nodes and relationships with their places, written by the server. */
import type { Api } from "./api";
import type { State } from "./state";
import { pairOf } from "./types";
import type { View } from "./view";

/** Ask for the file and hand it to the browser; returns its name. */
export async function saveExport(api: Api, format: string, suffix: string, title: string, state: State, view: View): Promise<string> {
  const keys = [...view.nodes.keys()];
  const rels = [...view.lines.values()].flatMap((line) => line.rels.map((rel) => rel.id));
  const positions = keys.map((key) => {
    const place = state.places.get(key)!;
    const [label, id] = pairOf(key);
    return { label, id, x: Math.round(place.x * 100) / 100, y: Math.round(place.y * 100) / 100 };
  });
  const { fromMs, toMs } = state.filter;
  const span = { ...(fromMs === undefined ? {} : { from_ms: fromMs }), ...(toMs === undefined ? {} : { to_ms: toMs }) };
  const { blob, name } = await api.export(format, { keys: keys.map(pairOf), rel_ids: rels, positions, title: title.slice(0, 200), ...span });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name ?? `ringtrace${suffix}`;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  return link.download;
}
