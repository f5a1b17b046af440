/** Nodes at the place of their region; those of no known region stand apart at the left and are counted. */
import type { Ground } from "../render/renderer";
import type { Key, NodeData, Place } from "../types";
import { REGIONS, regionOf, type Region } from "./regions";

const PER_DEGREE = 90;
const MIDDLE_LAT = 34;

export interface Mapped {
  readonly places: Map<Key, Place>;
  readonly ground: Ground[];
  readonly unknown: number;
}

function placeOf(region: Region): Place {
  const [lon, lat] = region.at;
  return { x: lon * Math.cos((MIDDLE_LAT * Math.PI) / 180) * PER_DEGREE, y: lat * PER_DEGREE };
}

/** Places on the map, and what is written on the ground under them. */
export function mapped(nodes: ReadonlyMap<Key, NodeData>, language: "en" | "zh", unknownWord: string): Mapped {
  const byRegion = new Map<Region | null, Key[]>();
  for (const [key, node] of [...nodes].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const region = regionOf(node.properties["region"]);
    byRegion.set(region, [...(byRegion.get(region) ?? []), key]);
  }
  const places = new Map<Key, Place>();
  const ground: Ground[] = REGIONS.map((region) => ({ kind: "place", ...placeOf(region), text: region[language], width: wide(byRegion.get(region) ?? []), strong: byRegion.has(region) }));
  for (const [region, keys] of byRegion) if (region) spread(keys, placeOf(region), places);
  const unknown = byRegion.get(null) ?? [];
  const corner = { x: Math.min(...REGIONS.map((region) => placeOf(region).x)) - 700, y: placeOf(REGIONS[0]!).y };
  placeUnknown(unknown, nodes, corner, unknownWord, places, ground);
  return { places, ground, unknown: unknown.length };
}

/** Regions this map does not know stand in a column of their own, each under its name; last those of no region. */
function placeUnknown(keys: readonly Key[], nodes: ReadonlyMap<Key, NodeData>, corner: Place, unknownWord: string, places: Map<Key, Place>, ground: Ground[]): void {
  const named = new Map<string, Key[]>();
  for (const key of keys) {
    const region = nodes.get(key)!.properties["region"];
    const name = typeof region === "string" && region.trim() ? region.trim().slice(0, 24) : "";
    named.set(name, [...(named.get(name) ?? []), key]);
  }
  const order = [...named].sort(([a], [b]) => Number(a === "") - Number(b === "") || (a < b ? -1 : 1));
  const rows = Math.max(4, Math.ceil(Math.sqrt(order.length)));
  const room = Math.max(...order.map(([, mine]) => 34 * Math.sqrt(mine.length)), 60) * 2 + 120;
  order.forEach(([name, mine], index) => {
    const at = { x: corner.x - Math.floor(index / rows) * room, y: corner.y - (index % rows) * room };
    spread(mine, at, places);
    ground.push({ kind: "place", ...at, text: `${name || unknownWord} (${mine.length})`, width: wide(mine), strong: true });
  });
}

/** How wide the sunflower of so many nodes is. */
function wide(keys: readonly Key[]): number {
  return keys.length ? 2 * 34 * Math.sqrt(keys.length - 1) : 0;
}

/** A sunflower around a place, so that no two nodes lie on each other. */
function spread(keys: readonly Key[], at: Place, places: Map<Key, Place>): void {
  keys.forEach((key, index) => {
    const radius = 34 * Math.sqrt(index);
    const angle = index * Math.PI * (3 - Math.sqrt(5));
    places.set(key, { x: at.x + radius * Math.cos(angle), y: at.y + radius * Math.sin(angle) });
  });
}
