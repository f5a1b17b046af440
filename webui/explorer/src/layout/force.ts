/** ForceAtlas2 in steps, then a pass that moves nodes off each other. Runs in the worker, or in tests as it is. */
import Graph from "graphology";
import forceAtlas2 from "graphology-layout-forceatlas2";
import noverlap from "graphology-layout-noverlap";

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
    ...forceAtlas2.inferSettings(graph), gravity: 0.6, scalingRatio: 140, slowDown: 4, adjustSizes: false,
    linLogMode: false, edgeWeightInfluence: 0, barnesHutOptimize: size > 500, strongGravityMode: false,
  };
  const slices = size > 3000 ? 8 : size > 800 ? 15 : 30;
  for (let slice = 0; slice < slices; slice++) {
    forceAtlas2.assign(graph, { iterations: 10, settings });
    yield { ...placesOf(graph, task), done: false };
  }
  if (size <= 3000) noverlap.assign(graph, { maxIterations: 40, settings: { margin: 22, ratio: 1.2 } });
  yield { ...placesOf(graph, task), done: true };
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
