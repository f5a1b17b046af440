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
}

export interface Scene {
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
}

export interface Renderer {
  readonly kind: "webgl" | "canvas";
  draw(scene: Scene): void;
  /** Only places changed. */
  move(places: ReadonlyMap<Key, Place>): void;
  fit(): void;
  locate(key: Key): void;
  zoom(factor: number): void;
  setTheme(theme: Theme): void;
  /** Where a node is on the page, for tests and menus. */
  screen(key: Key): { x: number; y: number } | null;
  destroy(): void;
}

export function hasWebGL2(): boolean {
  try {
    const context = document.createElement("canvas").getContext("webgl2");
    context?.getExtension("WEBGL_lose_context")?.loseContext();
    return context !== null;
  } catch {
    return false;
  }
}
