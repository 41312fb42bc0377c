import { randomUUID } from "node:crypto";
import type { LabAnswer, LabRequest } from "../../exchange.ts";
import { jsonAnswer, startChannelServer, type Refuse } from "../channel-server.ts";
import type { ChannelStandIn } from "../stand-in.ts";
import { readEvent } from "./event.ts";
import { PagerDutyServices, type AcceptedEvent, type EventAction } from "./service.ts";

/** What an emulated PagerDuty is started with. */
export interface PagerDutyStandInOptions {
  /** A free one unless given. */
  readonly port?: number;
  /** The routing keys that exist; every one of 32 letters and digits unless given. */
  readonly routingKeys?: readonly string[];
  /**
   * Events of one routing key within 60 seconds above which it answers 429; no limit unless given. PagerDuty's own is
   * about 120.
   */
  readonly eventsPerMinute?: number;
}

/** An emulated Events API v2 of PagerDuty, with its incidents. */
export interface PagerDutyStandIn extends ChannelStandIn {
  /** Every event that was accepted, in the order in which they came. */
  events(): readonly AcceptedEvent[];
}

/**
 * Starts an emulated PagerDuty on loopback.
 * Source: https://developer.pagerduty.com/docs/events-api-v2/overview/
 */
export async function startPagerDutyStandIn(options: PagerDutyStandInOptions = {}): Promise<PagerDutyStandIn> {
  const api = new EventsApi(options);
  const server = await startChannelServer({
    port: options.port,
    answer: (request, refuse) => api.answer(request, refuse),
    tooMany: (seconds) => jsonAnswer(429, THROTTLED, { "retry-after": String(seconds) }),
  });
  return {
    ...server,
    type: "pagerduty",
    title: "PagerDuty",
    messages: () => api.services.board.messages(),
    events: () => [...api.services.events],
  };
}

const WINDOW_MS = 60_000;
const INVALID = { status: "invalid event", message: "Event object is invalid" };
const THROTTLED = {
  status: "throttle exceeded",
  message: "Requests for this service are arriving too quickly.  Please retry later.",
  errors: ["Enhance Your Calm."],
};

class EventsApi {
  readonly services = new PagerDutyServices();
  readonly #keys: ReadonlySet<string> | undefined;
  readonly #eventsPerMinute: number;
  /** When the newest events of each routing key came. */
  readonly #came = new Map<string, number[]>();

  constructor({ routingKeys, eventsPerMinute = Number.POSITIVE_INFINITY }: PagerDutyStandInOptions) {
    this.#keys = routingKeys && new Set(routingKeys);
    this.#eventsPerMinute = eventsPerMinute;
  }

  answer({ method, path, body }: LabRequest, refuse: Refuse): LabAnswer {
    const kind = { "/v2/enqueue": "alert", "/v2/change/enqueue": "change" }[path] as "alert" | "change" | undefined;
    if (kind === undefined || method !== "POST") return refuse("404", jsonAnswer(404, { message: "Not Found" }));
    const read = readEvent(body, kind, this.#keys);
    if (read.event === undefined)
      return refuse(String(read.status), jsonAnswer(read.status, { ...INVALID, errors: read.errors }));
    const { event } = read;
    if (this.#isTooFast(event.routing_key)) return refuse("429", jsonAnswer(429, THROTTLED));
    if (kind === "change") {
      this.services.takeChange(event);
      return jsonAnswer(202, { message: "Change event processed", status: "success" });
    }
    const dedupKey = event.dedup_key || randomUUID();
    this.services.takeAlert(event, event.event_action as EventAction, dedupKey);
    return jsonAnswer(202, { status: "success", message: "Event processed", dedup_key: dedupKey });
  }

  #isTooFast(key: string): boolean {
    if (this.#eventsPerMinute === Number.POSITIVE_INFINITY) return false;
    const now = Date.now();
    const came = (this.#came.get(key) ?? []).filter((at) => at > now - WINDOW_MS);
    const isTooFast = came.length >= this.#eventsPerMinute;
    if (!isTooFast) came.push(now);
    this.#came.set(key, came);
    return isTooFast;
  }
}
