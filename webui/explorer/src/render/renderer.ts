/** What draws: WebGL by sigma, or a plain canvas where there is no WebGL 2. Both get the same scene. */
import type { Shape, Theme } from "../style";
import type { Key, Place } from "../types";

export interface SceneNode {
  readonly key: Key;
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly color: string;
  readonly shape: Shape;
  readonly mark: string;
  readonly label: string;
  readonly pinned: boolean;
  readonly selected: boolean;
  /** Drawn as an outline of dashes: gone, restricted, or a connector for what is not on the canvas. */
  readonly dashed?: boolean;
  /** A second line of text under the name: in, out and kept in money mode. */
  readonly sub?: string;
  /** The name alone, for where the label has no room. */
  readonly short?: string;
  /** One line more, strong: what of its money a stop-payment order could still reach. With many nodes the sign alone. */
  readonly reach?: string;
  readonly coin?: string;
  readonly coinColor?: string;
  /** A sign at the upper left: a note's mark, or how a comparison ended. */
  readonly badge?: string;
  readonly badgeColor?: string;
}

/** What lies under the drawing: bands of money mode, places of the map. Graph coordinates. */
export interface Ground {
  readonly kind: "band" | "place";
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly text: string;
  readonly strong: boolean;
}

export interface SceneLine {
  readonly key: Key;
  readonly start: Key;
  readonly end: Key;
  readonly color: string;
  readonly width: number;
  readonly label: string;
  readonly curve: number;
  readonly selected: boolean;
  readonly dashed?: boolean;
}

export interface Scene {
  readonly ground: readonly Ground[];
  readonly nodes: readonly SceneNode[];
  readonly lines: readonly SceneLine[];
  readonly labels: boolean;
  readonly amounts: boolean;
}

/** x and y are page coordinates, for menus. */
export interface Pointer {
  readonly x: number;
  readonly y: number;
  readonly add: boolean;
}

export interface Listener {
  node(key: Key, at: Pointer): void;
  nodeTwice(key: Key, at: Pointer): void;
  nodeMenu(key: Key, at: Pointer): void;
  line(key: Key, at: Pointer): void;
  lineMenu(key: Key, at: Pointer): void;
  stage(at: Pointer): void;
  stageMenu(at: Pointer): void;
  dragged(key: Key, to: Place): void;
  /** The part of the graph on screen changed. */
  looked(): void;
  /** The renderer cannot keep up with the hand. */
  tooSlow(): void;
}

export interface Renderer {
  readonly kind: "webgl" | "canvas";
  draw(scene: Scene): void;
  /** Only places changed. */
  move(places: ReadonlyMap<Key, Place>): void;
  fit(): void;
  locate(key: Key): void;
  zoom(factor: number): void;
  /** The part of the graph on screen, in graph coordinates; y points up. */
  window(): { x0: number; y0: number; x1: number; y1: number };
  /** Bring this place to the middle. */
  centre(place: Place): void;
  setTheme(theme: Theme): void;
  /** Where a node is on the page, for tests and menus. */
  screen(key: Key): { x: number; y: number } | null;
  destroy(): void;
}
