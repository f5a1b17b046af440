/** The keyboard on the drawing: arrows go to the nearest node that way, Space adds it to the selection, Enter inspects. */
import type { Core } from "./core";
import { accountsOf } from "./flow";
import { money } from "./format";
import { schemaName } from "./i18n";
import type { Key } from "./types";

const WAYS: Readonly<Record<string, readonly [number, number]>> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
/** Where the keyboard is, by explorer. */
const places = new WeakMap<Core, Key>();

/** Whether the key meant something here. */
export function walk(core: Core, key: string, add: boolean): boolean {
  const here = places.get(core) ?? [...core.picked][0];
  const way = WAYS[key];
  if (way) {
    const next = here !== undefined && core.view.nodes.has(here) ? nearest(core, here, way) : [...core.view.nodes.keys()][0];
    if (next === undefined) return false;
    places.set(core, next);
    core.select(add ? [...core.picked, next] : [next]);
    core.say(said(core, next));
    return true;
  }
  if (here === undefined) return false;
  if (key === " ") {
    core.select(core.picked.has(here) ? [...core.picked].filter((each) => each !== here) : [...core.picked, here]);
    return true;
  }
  core.select([here]);
  core.renderer.locate(here);
  return true;
}

/** The node a step in this direction meets first: far aside counts more than far ahead. */
function nearest(core: Core, from: Key, [dx, dy]: readonly [number, number]): Key | undefined {
  const at = core.state.places.get(from);
  if (!at) return undefined;
  let best: Key | undefined;
  let least = Infinity;
  for (const key of core.view.nodes.keys()) {
    const place = core.state.places.get(key);
    if (!place || key === from) continue;
    const ahead = (place.x - at.x) * dx + (place.y - at.y) * dy;
    const aside = Math.abs((place.x - at.x) * dy - (place.y - at.y) * dx);
    if (ahead <= 0) continue;
    const cost = ahead + 2 * aside;
    if (cost < least) [best, least] = [key, cost];
  }
  return best;
}

/** What a screen reader hears: name, kind, links, money kept. */
function said(core: Core, key: Key): string {
  const node = core.view.nodes.get(key)!;
  const links = [...core.view.lines.values()].filter((line) => line.start === key || line.end === key).length;
  const account = accountsOf(core.view).get(key);
  const sums = account ? [...account.ins].map(([currency, minor]) => ` · ${core.words("in")} ${money(minor, currency)}`).join("") : "";
  return `${core.name(key)} · ${schemaName(core.words, node.label)} · ${core.words("linksN", { n: links })}${sums}`;
}
