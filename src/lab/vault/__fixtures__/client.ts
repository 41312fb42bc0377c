import { Agent, request } from "undici";
import { onTestFinished } from "vitest";
import type { VaultLab, VaultLabNode, VaultLabOptions } from "../contract.ts";
import { startVaultLab } from "../vault-lab.ts";

/** What a node answered; the body is parsed when it is JSON. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
}

/** A request to a node, without `/v1/`. */
export interface Ask {
  readonly method?: "GET" | "HEAD" | "POST" | "PUT" | "DELETE";
  readonly token?: string;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** A cluster for one test, with a clock that only the test moves, and a client that trusts it. */
export interface TestLab {
  readonly lab: VaultLab;
  /** The clock, in milliseconds since 1970. */
  now(): number;
  /** Moves the clock. */
  pass(milliseconds: number): void;
  ask(node: VaultLabNode | undefined, path: string, options?: Ask): Promise<Reply>;
  /** The status of sys/health of every node; 0 for one that can not be reached. */
  health(): Promise<readonly number[]>;
}

/** Starts a cluster that is closed after the test; elections wait for {@link VaultLab.elect}. */
export async function openLab(options: VaultLabOptions = {}): Promise<TestLab> {
  let now = Date.UTC(2026, 10, 23, 12);
  const lab = await startVaultLab({ electionDelay: "manual", now: () => now, ...options });
  const dispatcher = new Agent({ connect: { ca: lab.caPem } });
  onTestFinished(async () => {
    await lab.close();
    await dispatcher.destroy();
  });
  const ask = async (node: VaultLabNode | undefined, path: string, options: Ask = {}): Promise<Reply> => {
    const { token, body, method = "GET", signal } = options;
    const answer = await request(`${node?.url}/v1/${path}`, {
      dispatcher,
      method,
      headers: token === undefined ? {} : { "x-vault-token": token },
      body: body === undefined ? null : JSON.stringify(body),
      ...(signal && { signal }),
    });
    return { status: answer.statusCode, headers: answer.headers, body: parse(await answer.body.text()) };
  };
  return {
    lab,
    ask,
    now: () => now,
    pass: (milliseconds) => {
      now += milliseconds;
    },
    health: () =>
      Promise.all(
        lab.nodes.map((node) =>
          ask(node, "sys/health").then(
            ({ status }) => status,
            () => 0,
          ),
        ),
      ),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
