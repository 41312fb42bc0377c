import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { TracesConfig } from "../../../core/evidence-config.ts";

/** An answer to be given. */
export interface Answer {
  readonly status: number;
  readonly type?: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A server whose answers a test chooses. */
export interface AnswerServer {
  /** How it is asked. */
  readonly config: TracesConfig;
  /** Path and query of each request, in their order. */
  readonly asked: readonly URL[];
  close(): Promise<void>;
}

/** An answer of 200 with that JSON. */
export const json = (body: unknown): Answer => ({ status: 200, type: "application/json", body: JSON.stringify(body) });

/** Answers each request as it is told. */
export async function startAnswerServer(
  answer: (url: URL, count: number) => Answer,
  config: Partial<TracesConfig> = {},
): Promise<AnswerServer> {
  const asked: URL[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://traces");
    asked.push(url);
    const { status, type, body, headers } = answer(url, asked.length);
    response.writeHead(status, { ...(type !== undefined && type !== "" && { "content-type": type }), ...headers });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const none = {
    caFile: undefined,
    fingerprint: undefined,
    serverName: undefined,
    login: undefined,
    tenant: undefined,
  };
  return {
    asked,
    config: { kind: "tempo", url: `http://127.0.0.1:${port}`, ...none, ...config },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
