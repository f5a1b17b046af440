/** Paints a crowd beside the page, so that the page moves its last picture smoothly meanwhile. */
import { paint, type Crowd, type Look } from "./crowd";

/** A new crowd, new places of the one that is there, or a look at it; the answer to a look is a picture. */
export type Order = { readonly crowd: Crowd } | { readonly places: Pick<Crowd, "xs" | "ys" | "sizes"> } | { readonly look: Look };

let crowd: Crowd | null = null;
const canvas = new OffscreenCanvas(1, 1);
// Pictures leave as bitmaps: a canvas of the processor gives them without asking a graphics card.
const context = canvas.getContext("2d", { willReadFrequently: true });

self.onmessage = (event: MessageEvent<Order>) => {
  const order = event.data;
  if ("crowd" in order) crowd = order.crowd;
  else if ("places" in order) crowd = crowd && { ...crowd, ...order.places };
  else if (crowd && context) {
    const { look } = order;
    const [wide, high] = [Math.max(1, Math.round((look.width + 2 * look.margin) * look.ratio)), Math.max(1, Math.round((look.height + 2 * look.margin) * look.ratio))];
    if (canvas.width !== wide || canvas.height !== high) Object.assign(canvas, { width: wide, height: high });
    paint(context, crowd, look);
    const picture = canvas.transferToImageBitmap();
    self.postMessage(picture, { transfer: [picture] });
  }
};
