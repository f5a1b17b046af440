/** ForceAtlas2 in steps, then nodes are moved off each other. Runs in the worker, or in tests as it is. */
import Graph from "graphology";
import forceAtlas2 from "graphology-layout-forceatlas2";

/** Nodes by index: place, size and whether they may not move; edges as index pairs with a weight. */
export interface ForceTask {
  readonly xs: number[];
  readonly ys: number[];
  readonly sizes: number[];
  readonly fixed: boolean[];
  readonly edges: [number, number, number][];
}

export interface ForceResult {
  readonly xs: number[];
  readonly ys: number[];
  readonly done: boolean;
}

/** Yields places after every slice of iterations; the last has `done`. Fixed nodes come back where they were. */
export function* settle(task: ForceTask): Generator<ForceResult> {
  const graph = new Graph({ type: "undirected" });
  const size = task.xs.length;
  for (let i = 0; i < size; i++) graph.addNode(i, { x: task.xs[i], y: task.ys[i], size: task.sizes[i], fixed: task.fixed[i] });
  for (const [a, b, weight] of task.edges) if (a !== b && !graph.hasEdge(a, b)) graph.addEdge(a, b, { weight });
  const settings = {
    ...forceAtlas2.inferSettings(graph), gravity: 0.25, scalingRatio: 220, slowDown: 4, adjustSizes: false,
    linLogMode: false, edgeWeightInfluence: 0, barnesHutOptimize: size > 500, strongGravityMode: true,
  };
  const slices = size > 3000 ? 8 : size > 800 ? 15 : 30;
  for (let slice = 0; slice < slices; slice++) {
    forceAtlas2.assign(graph, { iterations: 10, settings });
    yield { ...placesOf(graph, task), done: false };
  }
  const settled = placesOf(graph, task);
  pushApart(settled.xs, settled.ys, task.fixed);
  yield { ...settled, done: true };
}

function placesOf(graph: Graph, task: ForceTask): { xs: number[]; ys: number[] } {
  const xs: number[] = [];
  const ys: number[] = [];
  for (let i = 0; i < task.xs.length; i++) {
    const at = graph.getNodeAttributes(i);
    const keep = task.fixed[i] || !Number.isFinite(at["x"]) || !Number.isFinite(at["y"]);
    xs.push(keep ? task.xs[i]! : (at["x"] as number));
    ys.push(keep ? task.ys[i]! : (at["y"] as number));
  }
  return { xs, ys };
}

const WIDE = 96;
const HIGH = 66;

/** Move nodes off each other until each has room for its name, or 80 rounds are over. Fixed nodes stay. */
export function pushApart(xs: number[], ys: number[], fixed: readonly boolean[], rounds = 80): void {
  for (let round = 0; round < rounds; round++) {
    const cells = new Map<string, number[]>();
    const cell = (i: number, dx = 0, dy = 0) => `${Math.floor(xs[i]! / WIDE) + dx},${Math.floor(ys[i]! / HIGH) + dy}`;
    xs.forEach((_x, i) => cells.set(cell(i), [...(cells.get(cell(i)) ?? []), i]));
    let moved = false;
    for (let i = 0; i < xs.length; i++) {
      for (const dx of [-1, 0, 1]) {
        for (const dy of [-1, 0, 1]) for (const j of cells.get(cell(i, dx, dy)) ?? []) if (j > i && push(xs, ys, fixed, i, j)) moved = true;
      }
    }
    if (!moved) return;
  }
}

/** One pair: whether it was too close and something could move. */
function push(xs: number[], ys: number[], fixed: readonly boolean[], i: number, j: number): boolean {
  if (fixed[i] && fixed[j]) return false;
  let dx = (xs[j]! - xs[i]!) / WIDE;
  let dy = (ys[j]! - ys[i]!) / HIGH;
  let distance = Math.hypot(dx, dy);
  if (distance >= 1) return false;
  if (distance < 1e-6) [dx, dy, distance] = [Math.cos(i + j), Math.sin(i + j), 1];
  const step = (1.02 - Math.min(distance, 1)) / (fixed[i] || fixed[j] ? 1 : 2);
  const [mx, my] = [(dx / distance) * step * WIDE, (dy / distance) * step * HIGH];
  if (!fixed[j]) [xs[j], ys[j]] = [xs[j]! + mx, ys[j]! + my];
  if (!fixed[i]) [xs[i], ys[i]] = [xs[i]! - mx, ys[i]! - my];
  return true;
}
