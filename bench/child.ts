import { fork } from "node:child_process";
import { on, once } from "node:events";

/** A module of a bench that runs in a process of its own, so that its computing and memory are nobody else's. */
export interface Child {
  /** What it sends next; an error when it ends first. */
  next(): Promise<unknown>;
  /** Sends a question; gives what it sends next. */
  ask(question: string | object): Promise<unknown>;
  /** Takes the channel away, on which it ends. */
  stop(): Promise<void>;
}

/** Starts a module; `name` is for the message of the error when it ends before it has answered. */
export function startChild(
  name: string,
  module: URL,
  args: readonly string[],
  { execArgv = [] }: { readonly execArgv?: string[] } = {},
): Child {
  const child = fork(module, args, { execArgv });
  const ended = once(child, "exit");
  const messages = on(child, "message", { close: ["exit"] });
  const next = async (): Promise<unknown> => {
    const { done, value } = await messages.next();
    if (done === true) throw new Error(`${name} ended with exit code ${child.exitCode}`);
    return (value as unknown[])[0];
  };
  return {
    next,
    async ask(question) {
      child.send(question);
      return next();
    },
    async stop() {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}
