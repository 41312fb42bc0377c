import type { LabAnswer, LabRequest } from "../exchange.ts";
import { startLabServer } from "../server.ts";
import { renderInbox } from "./inbox-page.ts";
import type { ChannelStandIn } from "./stand-in.ts";

/** A web page that shows what people see in all stand-ins. */
export interface Inbox {
  readonly url: string;
  close(): Promise<void>;
}

/** Nothing is loaded from anywhere, and no script runs. */
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'";

/**
 * Starts the page: `/` for people, looking again every 2 s (`/?paused` does not), `/messages.json` for programs.
 * Rejects when the port is taken; 0 takes a free one.
 */
export async function startInbox(standIns: readonly ChannelStandIn[], { port = 0 } = {}): Promise<Inbox> {
  const server = await startLabServer({ port, handler: (request) => answer(standIns, request) });
  return { url: server.url, close: () => server.close() };
}

function answer(standIns: readonly ChannelStandIn[], { path, query }: LabRequest): LabAnswer {
  if (path === "/messages.json") {
    const all = standIns.map((one) => ({
      type: one.type,
      title: one.title,
      messages: one.messages(),
      refusals: one.refusals(),
    }));
    return { status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(all) };
  }
  if (path !== "/") return { status: 404, headers: { "content-type": "text/plain" }, body: "not found\n" };
  return {
    status: 200,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": POLICY,
      "cache-control": "no-store",
    },
    body: renderInbox(standIns, { isPaused: query.has("paused") }),
  };
}
