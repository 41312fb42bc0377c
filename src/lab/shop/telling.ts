import type { Draws } from "./draws.ts";
import type { Failure } from "./faults/active-fault.ts";
import type { Operation } from "./operations.ts";
import { accessLine, PHRASES } from "./phrases.ts";
import type { Passage, Recorder } from "./recorder.ts";
import type { ShopSpan } from "./contract.ts";
import type { Pod } from "./topology.ts";

/** A request that was answered; `at` is its beginning. */
export interface Served {
  readonly pod: Pod;
  readonly operation: Operation;
  readonly passage: Passage;
  readonly spanId: string;
  /** Unix milliseconds. */
  readonly at: number;
  readonly ms: number;
  readonly status: number;
  readonly failure: Failure | undefined;
}

/** What a pod logs about a request when it is over. */
export function tell(
  { draws, recorder }: { readonly draws: Draws; readonly recorder: Recorder },
  { pod, operation, passage, spanId, at, ms, status, failure }: Served,
): void {
  const about = { passage, spanId, operation, status, durationMs: ms };
  const end = at + ms;
  if (failure === undefined)
    for (const name of operation.says) {
      const message = PHRASES[name]?.(draws) ?? name;
      recorder.line(pod, end, { level: "info", logger: operation.service, message }, about);
    }
  else {
    const below = failure.stack === undefined ? "" : `\n${failure.stack}`;
    const message = `${operation.method} ${operation.route} failed: ${failure.text}${below}`;
    recorder.line(pod, end, { level: "error", logger: operation.service, message }, { ...about, failure });
  }
  if (status === 402)
    recorder.line(pod, end, { level: "warn", logger: "payment", message: "card was declined" }, about);
  if (operation.service === "frontend" || operation.service === "catalogue" || failure !== undefined) {
    const path = operation.route.replace("{id}", String(draws.whole(1000, 9999)));
    const message = accessLine(draws, { method: operation.method, path, status, ms });
    recorder.line(pod, end, { level: "info", logger: "access", message }, about);
  }
}

/** The span of a request where it is answered. */
export function serverSpan(
  { pod, operation, passage, spanId, at, ms, status, failure }: Served,
  parentId: string | undefined,
): ShopSpan {
  const thrown = failure && {
    at: at + ms,
    name: "exception",
    attributes: { "exception.type": failure.errorType, "exception.message": failure.text },
  };
  return {
    traceId: passage.traceId,
    spanId,
    ...(parentId !== undefined && { parentId }),
    service: pod.service,
    name: `${operation.method} ${operation.route}`,
    kind: "server",
    startsAt: at,
    durationMs: ms,
    ...statusOf(failure),
    attributes: {
      "http.request.method": operation.method,
      "http.route": operation.route,
      "http.response.status_code": String(status),
      "user.id": passage.customer,
      ...(failure !== undefined && { "error.type": failure.errorType }),
    },
    resource: pod.resource,
    events: thrown === undefined ? [] : [thrown],
  };
}

/** A call that was answered, or given up. */
export interface Called extends Pick<Served, "pod" | "passage" | "spanId" | "at" | "ms" | "failure"> {
  readonly parentId: string;
  readonly peer: string;
  readonly system: string;
}

/** The span of a call where it is made. */
export function clientSpan({ pod, passage, spanId, parentId, at, ms, peer, system, failure }: Called): ShopSpan {
  return {
    traceId: passage.traceId,
    spanId,
    parentId,
    service: pod.service,
    name: system === "http" ? `call ${peer}` : `${system} ${peer}`,
    kind: "client",
    startsAt: at,
    durationMs: ms,
    ...statusOf(failure),
    attributes: {
      "peer.service": peer,
      "server.address": peer,
      ...(system !== "http" && { "db.system.name": system }),
      ...(failure !== undefined && { "error.type": failure.errorType }),
    },
    resource: pod.resource,
    events: [],
  };
}

const statusOf = (failure: Failure | undefined): Pick<ShopSpan, "status" | "statusMessage"> =>
  failure === undefined ? { status: "unset" } : { status: "error", statusMessage: failure.text };
