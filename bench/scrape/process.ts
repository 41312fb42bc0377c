import { Client } from "undici";
import { startChild } from "../child.ts";
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
  const name = `the server "${kind}"`;
  const child = startChild(name, new URL("contender.ts", import.meta.url), [kind, String(total), source]);
  const url = new URL(String(await child.next()));
  const client = new Client(url.origin);
  return {
    url: url.href,
    async scrape(headers = {}) {
      const start = performance.now();
      const { statusCode, body } = await client.request({ path: url.pathname, method: "GET", headers });
      for await (const _ of body);
      if (statusCode !== 200) throw new Error(`${name} answered ${statusCode}`);
      return performance.now() - start;
    },
    ask: async (question) => (await child.ask(question)) as State,
    async stop() {
      await client.close();
      await child.stop();
    },
  };
}
