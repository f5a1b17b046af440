/**
 * Thin lines straight into pixels, for pictures while the hand moves: a canvas of the processor strokes 10,000 lines in about
 * 50 ms, this in a fraction of it. Lines are one pixel wide, not smoothed, and let those below shine through.
 */
export interface Pixels {
  /** One number a pixel, as a canvas has them on a little-endian machine: alpha, blue, green, red. */
  readonly data: Uint32Array;
  readonly wide: number;
  readonly high: number;
}

/** Parts of a curve that are drawn straight. */
const PARTS = 8;
/** Alpha in so many steps: products of it with two colours stay within 31 bits. */
const STEPS = 128;

/** A colour `#rrggbb` or `#rgb` as a pixel. */
export function pixelOf(color: string): number {
  const digits = color.slice(1);
  const value = Number.parseInt(digits.length === 3 ? [...digits].map((digit) => digit + digit).join("") : digits, 16);
  return (0xff000000 | ((value & 0xff) << 16) | (value & 0xff00) | (value >> 16)) >>> 0;
}

/** A line from one point to another, `alpha` 0 to 1; what lies outside the picture is cut off first. */
export function thinLine(into: Pixels, ax: number, ay: number, bx: number, by: number, pixel: number, alpha: number): void {
  const [right, bottom] = [into.wide - 1, into.high - 1];
  const [dx, dy] = [bx - ax, by - ay];
  // Liang and Barsky: the part of the line between two shares of it that is inside.
  let [from, to] = [0, 1];
  for (const [p, q] of [[-dx, ax], [dx, right - ax], [-dy, ay], [dy, bottom - ay]] as const) {
    if (p === 0) {
      if (q < 0) return;
      continue;
    }
    const at = q / p;
    if (p < 0) from = Math.max(from, at);
    else to = Math.min(to, at);
    if (from > to) return;
  }
  run(into, ax + from * dx, ay + from * dy, ax + to * dx, ay + to * dy, pixel, Math.round(alpha * STEPS));
}

/** A quadratic curve as a few straight parts. */
export function thinCurve(into: Pixels, ax: number, ay: number, hx: number, hy: number, bx: number, by: number, pixel: number, alpha: number): void {
  let [x, y] = [ax, ay];
  for (let part = 1; part <= PARTS; part++) {
    const t = part / PARTS;
    const [a, h, b] = [(1 - t) ** 2, 2 * (1 - t) * t, t * t];
    const [nx, ny] = [a * ax + h * hx + b * bx, a * ay + h * hy + b * by];
    thinLine(into, x, y, nx, ny, pixel, alpha);
    [x, y] = [nx, ny];
  }
}

/** One pixel a step along the longer side, the other side in 65,536ths. Both ends are inside. */
function run({ data, wide }: Pixels, ax: number, ay: number, bx: number, by: number, pixel: number, alpha: number): void {
  const steps = Math.max(1, Math.round(Math.max(Math.abs(bx - ax), Math.abs(by - ay))));
  const rest = STEPS - alpha;
  const [redBlue, green] = [(pixel & 0xff00ff) * alpha, ((pixel >>> 8) & 0xff) * alpha];
  let [x, y] = [Math.round(ax * 65536), Math.round(ay * 65536)];
  const [stepX, stepY] = [Math.round(((bx - ax) / steps) * 65536), Math.round(((by - ay) / steps) * 65536)];
  for (let i = 0; i < steps; i++) {
    const at = (y >> 16) * wide + (x >> 16);
    const old = data[at]!;
    data[at] = 0xff000000 | (((redBlue + (old & 0xff00ff) * rest) >>> 7) & 0xff00ff) | ((((green + ((old >>> 8) & 0xff) * rest) >>> 7) & 0xff) << 8);
    x += stepX;
    y += stepY;
  }
}
