/** Which renderer: WebGL where a graphics card computes it, else the plain canvas, which is faster than WebGL on a processor. */
import type { Theme } from "../style";
import { CanvasRenderer } from "./canvas";
import { setUnit } from "./glyph";
import type { Listener, Renderer } from "./renderer";
import { WebGLRenderer } from "./webgl";

type Kind = Renderer["kind"];
/** Pixels of a letter of the page on a plain desk (app.css). */
const PLAIN_LETTERS = 14;
const ASKED = "ringtrace-renderer";
const FOUND = "ringtrace-webgl";

export function openRenderer(stage: HTMLElement, theme: Theme, listener: Listener, plain: boolean): Renderer {
  setUnit(Math.max(1, Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / PLAIN_LETTERS));
  const kind = plain ? "canvas" : (asked() ?? (hasGraphicsCard() ? "webgl" : "canvas"));
  if (kind === "webgl") {
    try {
      return new WebGLRenderer(stage, theme, listener);
    } catch {
      stage.replaceChildren();  // sigma throws without WebGL, half made
    }
  }
  return new CanvasRenderer(stage, theme, listener);
}

/** `?renderer=webgl` or `canvas`, kept for this tab: for who knows their machine better, and for tests. */
function asked(): Kind | null {
  const given = new URLSearchParams(location.search).get("renderer") ?? sessionStorage.getItem(ASKED);
  if (given !== "webgl" && given !== "canvas") return null;
  sessionStorage.setItem(ASKED, given);
  return given;
}

/** Asked once a tab: making a context costs a tenth of a second where the processor computes it. */
function hasGraphicsCard(): boolean {
  const known = sessionStorage.getItem(FOUND);
  if (known) return known === "yes";
  const found = looked();
  sessionStorage.setItem(FOUND, found ? "yes" : "no");
  return found;
}

function looked(): boolean {
  try {
    const context = document.createElement("canvas").getContext("webgl2", { failIfMajorPerformanceCaveat: true });
    if (!context) return false;
    const info = context.getExtension("WEBGL_debug_renderer_info");
    const name = String(context.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : context.RENDERER));
    context.getExtension("WEBGL_lose_context")?.loseContext();
    return !/swiftshader|llvmpipe|software|basic render/i.test(name);
  } catch {
    return false;
  }
}
