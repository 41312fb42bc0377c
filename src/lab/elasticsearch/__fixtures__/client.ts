import { request } from "undici";
import { onTestFinished } from "vitest";
import type { ElasticsearchLab, ElasticsearchLabOptions } from "../contract.ts";
import { startElasticsearchLab } from "../elasticsearch-lab.ts";

/** What the lab answered. */
interface Answered {
  readonly status: number;
  readonly body: unknown;
}

/** A lab, closed when the test ends, with a way to ask it. */
export interface OpenLab {
  readonly lab: ElasticsearchLab;
  ask(
    method: "GET" | "POST" | "PUT" | "DELETE",
    path: string,
    body?: object,
    headers?: Record<string, string>,
  ): Promise<Answered>;
}

/** Starts a lab. */
export async function openLab(options?: ElasticsearchLabOptions): Promise<OpenLab> {
  const lab = await startElasticsearchLab(options);
  onTestFinished(() => lab.close());
  return {
    lab,
    ask: async (method, path, body, headers = {}) => {
      const answer = await request(`${lab.url}${path}`, {
        method,
        headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
        body: body === undefined ? null : JSON.stringify(body),
      });
      const text = await answer.body.text();
      return { status: answer.statusCode, body: text === "" ? undefined : (JSON.parse(text) as unknown) };
    },
  };
}

/** Documents, one each second from 2026 on. */
export function documents(count: number): readonly object[] {
  return Array.from({ length: count }, (_, at) => ({
    "@timestamp": new Date(Date.UTC(2026, 0, 1) + at * 1000).toISOString(),
    message: `line ${at}`,
    level: at % 10 === 0 ? "error" : "info",
  }));
}
