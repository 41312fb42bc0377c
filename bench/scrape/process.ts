import { fork } from "node:child_process";
import { on, once } from "node:events";
import { Client } from "undici";
import type { Question, State } from "./contender.ts";

/** A server under test in a process of its own. */
export interface Contender {
  readonly url: string;
  /** Milliseconds from the request to the last byte of the answer. */
  scrape(headers?: Readonly<Record<string, string>>): Promise<number>;
  /** Only for the kind "ours, watched". */
  ask(question: Question): Promise<State>;
  stop(): Promise<void>;
}

/** "client" serves by the library whose module is `source`, "static" what another server gives at the URL `source`. */
type Kind = "ours" | "ours, watched" | "static" | "client";

/** Starts one server; the arguments are those of contender.ts. */
export async function startContender(kind: Kind, total: number, source = ""): Promise<Contender> {
  const child = fork(new URL("contender.ts", import.meta.url), [kind, String(total), source]);
  const messages = on(child, "message", { close: ["exit"] });
  const nextMessage = async (): Promise<unknown> => {
    const { done, value } = await messages.next();
    if (done === true) throw new Error(`the server "${kind}" ended with exit code ${child.exitCode}`);
    return (value as unknown[])[0];
  };
  const url = new URL(String(await nextMessage()));
  const client = new Client(url.origin);
  return {
    url: url.href,
    async scrape(headers = {}) {
      const start = performance.now();
      const { statusCode, body } = await client.request({ path: url.pathname, method: "GET", headers });
      for await (const _ of body);
      if (statusCode !== 200) throw new Error(`the server "${kind}" answered ${statusCode}`);
      return performance.now() - start;
    },
    async ask(question) {
      child.send(question);
      return (await nextMessage()) as State;
    },
    async stop() {
      await client.close();
      const ended = once(child, "exit");
      child.disconnect();
      await ended;
    },
  };
}
