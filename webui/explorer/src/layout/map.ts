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
  const ground: Ground[] = REGIONS.map((region) => ({ kind: "place", ...placeOf(region), text: region[language], width: 0, strong: byRegion.has(region) }));
  for (const [region, keys] of byRegion) if (region) spread(keys, placeOf(region), places);
  const unknown = byRegion.get(null) ?? [];
  const corner = { x: Math.min(...REGIONS.map((region) => placeOf(region).x)) - 500, y: placeOf(REGIONS[0]!).y };
  spread(unknown, corner, places);
  if (unknown.length) ground.push({ kind: "place", x: corner.x, y: corner.y + 60 * Math.sqrt(unknown.length) + 80, text: `${unknownWord} (${unknown.length})`, width: 0, strong: true });
  return { places, ground, unknown: unknown.length };
}

/** A sunflower around a place, so that no two nodes lie on each other. */
function spread(keys: readonly Key[], at: Place, places: Map<Key, Place>): void {
  keys.forEach((key, index) => {
    const radius = 34 * Math.sqrt(index);
    const angle = index * Math.PI * (3 - Math.sqrt(5));
    places.set(key, { x: at.x + radius * Math.cos(angle), y: at.y + radius * Math.sin(angle) });
  });
}
