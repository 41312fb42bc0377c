import { setImmediate } from "node:timers";

/** Runs long computations in slices; each resolves to what its generator returns. */
export type SlicedWork = <T>(steps: Generator<void, T>) => Promise<T>;

/** Milliseconds after which a slice ends; the last step of a slice may add its own length. */
const SLICE = 3;

/**
 * Makes one queue of computations that never holds the event loop much longer than 3 ms: after each slice the loop
 * serves sockets and timers. One computation runs at a time, in the order they came, so that many at once are no worse
 * than one. A step is what lies between two `yield`s and should take 1 ms at most.
 */
export function createSlicedWork(): SlicedWork {
  const queue: (() => boolean)[] = [];

  const runSlice = (): void => {
    const end = performance.now() + SLICE;
    for (let next = queue[0]; next !== undefined && performance.now() < end; next = queue[0]) {
      if (next()) queue.shift();
    }
    if (queue.length > 0) setImmediate(runSlice);
  };

  return <T>(steps: Generator<void, T>) =>
    new Promise<T>((resolve, reject) => {
      const step = (): boolean => {
        try {
          const result = steps.next();
          if (result.done === true) resolve(result.value);
          return result.done === true;
        } catch (error) {
          reject(error);
          return true;
        }
      };
      if (queue.push(step) === 1) setImmediate(runSlice);
    });
}
