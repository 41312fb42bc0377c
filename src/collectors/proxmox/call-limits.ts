import pLimit, { type LimitFunction } from "p-limit";
import { formatDuration } from "../../core/duration.ts";
import { CollectError } from "../../core/errors.ts";
import { DEFAULT_TIMEOUT, type CallBounds } from "./api.ts";

/** pveproxy and pvedaemon run three workers each; more calls at once would keep people's own waiting. */
const CALLS_PER_NODE = 3;
/** A call that is given longer than usual may hang as long: one place is always left to the others. */
const LONG_CALLS_PER_NODE = 2;

/** Who may ask when: few calls at once for each node, and none waits longer for its turn than it may take itself. */
export class CallLimits {
  readonly #limits = new Map<string, LimitFunction>();

  /** Asks when it is the call's turn. Throws `CollectError` `timeout` when that does not come. */
  take<T>(node: string, { timeout = DEFAULT_TIMEOUT }: CallBounds, ask: () => Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    let isLate = false;
    const tooLate = setTimeout(() => {
      isLate = true;
      const whose = node === "" ? "the cluster" : `node ${node}`;
      reject(new CollectError("timeout", `other calls to ${whose} left no turn within ${formatDuration(timeout)}`));
    }, timeout).unref();
    const begin = async (): Promise<void> => {
      clearTimeout(tooLate);
      if (!isLate) await ask().then(resolve, reject);
    };
    const all = this.#limit(node, CALLS_PER_NODE);
    if (timeout <= DEFAULT_TIMEOUT) void all(begin);
    else void this.#limit(`${node} long`, LONG_CALLS_PER_NODE)(() => all(begin));
    return promise;
  }

  #limit(key: string, calls: number): LimitFunction {
    const known = this.#limits.get(key);
    if (known !== undefined) return known;
    const limit = pLimit(calls);
    this.#limits.set(key, limit);
    return limit;
  }
}
