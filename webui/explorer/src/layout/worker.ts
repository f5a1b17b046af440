/** Force layout beside the page, so that the page never stops answering. A file of its own: the policy allows no blob. */
import { settle, type ForceTask } from "./force";

self.onmessage = (event: MessageEvent<ForceTask>) => {
  for (const result of settle(event.data)) self.postMessage(result);
};
