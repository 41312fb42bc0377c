import { Agent, request } from "undici";
import { createAuthority } from "../certificates.ts";
import type { LabAnswer, LabRequest } from "../exchange.ts";
import { faultsAnswer } from "../faults.ts";
import { startLabServer } from "../server.ts";
import { createLabName } from "./names.ts";
import type { FaultProxy, ProxyFault } from "./proxy.ts";
import { MessageRelay } from "./relay.ts";

/** What a proxy stands before, and what of it is faulted. */
export interface HttpProxyOptions {
  /** Begins the proxy's name, such as `truenas`: letters, digits and hyphens. */
  readonly name: string;
  /** The upstream's URL without a path, http or https. */
  readonly upstream: string;
  /**
   * Whether the faults of answers are put on HTTP answers, upgrades included (the default), or on messages of
   * WebSockets.
   */
  readonly on?: "answers" | "messages";
  /** The member of each message that text faults change, such as `result`; the whole message unless given. */
  readonly member?: string;
}

/** Whether a header is of one connection only, or of a body that is sent anew. RFC 9110, section 7.6.1 */
const OF_CONNECTION = new Set([
  "connection",
  "keep-alive",
  "transfer-encoding",
  "upgrade",
  "content-length",
  "expect",
  "te",
  "trailer",
]);

/** The faults under which requests are held that are never answered. */
const HOLDING: ReadonlySet<ProxyFault["kind"]> = new Set(["hang", "drip", "slow_headers", "wrong_length", "huge_body"]);

/**
 * Starts a proxy before an HTTP server: it ends TLS with a certificate of an authority of its own, so that it can
 * change answers, and relays the messages of WebSockets both ways. Whatever the upstream speaks, the proxy speaks TLS.
 */
export async function startHttpFaultProxy(options: HttpProxyOptions): Promise<FaultProxy> {
  const { upstream, on = "answers" } = options;
  const authority = await createAuthority();
  const labName = createLabName(options.name);
  // it is another process of the lab that is asked, whose certificate is not the question
  const agent = new Agent({ connect: { rejectUnauthorized: false }, bodyTimeout: 0, headersTimeout: 0 });
  const isOfMessages = (fault: ProxyFault | undefined): boolean =>
    on === "messages" && fault !== undefined && fault.kind !== "dns_failure" && faultsAnswer(fault, "");
  let isHeld = false;
  const relay = new MessageRelay(upstream, options.member);
  const server = await startLabServer({
    authority,
    names: [labName.name],
    handler: (asked) => passOn(upstream, agent, asked),
    upgrade: (_, incoming, socket, head) => relay.upgrade(incoming, socket, head),
  });
  return {
    url: `https://${labName.name}:${server.port}`,
    host: labName.name,
    port: server.port,
    caPem: authority.certificatePem,
    requests: server.requests,
    setFault: async (fault: ProxyFault | undefined) => {
      labName.setKnown(fault?.kind !== "dns_failure");
      relay.setFault(on === "messages" ? fault : undefined);
      await server.setFault(fault?.kind === "dns_failure" || isOfMessages(fault) ? undefined : fault);
      // what was frozen is not thawed when it is started again, but gone
      if (isHeld) await server.drop();
      isHeld = fault !== undefined && HOLDING.has(fault.kind);
      // a name is asked for when a connection is made, so that only the next one meets its end
      if (fault?.kind === "dns_failure") await server.drop();
    },
    connections: () => server.connections(),
    mostSent: () => server.mostSent(),
    close: async () => {
      labName.release();
      relay.close();
      await server.close();
      await agent.destroy();
    },
  };
}

async function passOn(upstream: string, agent: Agent, asked: LabRequest): Promise<LabAnswer | "abort"> {
  try {
    return await ask(upstream, agent, asked);
  } catch {
    return "abort";
  }
}

async function ask(upstream: string, agent: Agent, { method, target, headers, body }: LabRequest): Promise<LabAnswer> {
  const passed = Object.entries(headers).filter(([name]) => !OF_CONNECTION.has(name) && name !== "host");
  const answer = await request(`${upstream}${target}`, {
    method,
    headers: Object.fromEntries(passed.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))),
    body: body === "" ? null : body,
    dispatcher: agent,
  });
  const kept = Object.entries(answer.headers).flatMap(([name, value]) =>
    value === undefined || OF_CONNECTION.has(name) ? [] : [[name, String(value)]],
  );
  const told = {
    status: answer.statusCode,
    statusMessage: answer.statusText,
    headers: Object.fromEntries(kept) as Record<string, string>,
  };
  const isWhole = answer.headers["content-length"] !== undefined || answer.statusCode === 204;
  return isWhole ? { ...told, body: await answer.body.text() } : { ...told, pieces: answer.body };
}
