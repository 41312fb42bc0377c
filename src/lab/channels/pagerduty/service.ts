import { createHash } from "node:crypto";
import { Board } from "../board.ts";
import type { PagerDutyEvent } from "./event.ts";

/** What an event may do to an incident. */
export type EventAction = "trigger" | "acknowledge" | "resolve";

/** An event that was accepted, and what became of it. */
export interface AcceptedEvent {
  /** Unix milliseconds. */
  readonly at: number;
  /** The first 16 hexadecimal digits of the SHA-256 of the routing key. */
  readonly routingKeyHash: string;
  readonly action: EventAction | "change";
  /** Empty for a change. */
  readonly dedupKey: string;
  readonly summary: string;
  /** `dropped`: there was no open incident to acknowledge or to resolve. */
  readonly effect: "opened" | "updated" | "acknowledged" | "resolved" | "dropped" | "recorded";
}

interface Incident {
  readonly id: string;
  /** Stays as the incident was opened. */
  readonly title: string;
  text: string;
}

/** The incidents and changes of all services, a service per routing key. */
export class PagerDutyServices {
  readonly board = new Board();
  readonly events: AcceptedEvent[] = [];
  /** By routing key and dedup key. */
  readonly #open = new Map<string, Incident>();
  #count = 0;

  /** Takes an alert event that was found sound. */
  takeAlert(event: PagerDutyEvent, action: EventAction, dedupKey: string): void {
    const key = JSON.stringify([event.routing_key, dedupKey]);
    this.#note(event, { action, dedupKey, effect: this.#apply(key, event, action) });
  }

  /** Takes a change event that was found sound. */
  takeChange(event: PagerDutyEvent): void {
    const { title, text } = shownOf(event);
    this.#count += 1;
    this.board.post(`change-${this.#count}`, `changes of service ${hashOf(event.routing_key)}`, { title, text });
    this.#note(event, { action: "change", dedupKey: "", effect: "recorded" });
  }

  #apply(key: string, event: PagerDutyEvent, action: EventAction): AcceptedEvent["effect"] {
    const incident = this.#open.get(key);
    if (incident === undefined) {
      if (action !== "trigger") return "dropped";
      this.#openIncident(key, event);
      return "opened";
    }
    const text = event.payload === undefined ? incident.text : shownOf(event).text;
    const isClosed = action === "resolve";
    if (text !== incident.text || isClosed) this.board.edit(incident.id, { title: incident.title, text, isClosed });
    incident.text = text;
    if (action === "trigger") return "updated";
    this.board.answer(incident.id, isClosed ? "Resolved" : "Acknowledged");
    if (isClosed) this.#open.delete(key);
    return isClosed ? "resolved" : "acknowledged";
  }

  #openIncident(key: string, event: PagerDutyEvent): void {
    this.#count += 1;
    const incident = { id: `incident-${this.#count}`, ...shownOf(event) };
    this.board.post(incident.id, `service ${hashOf(event.routing_key)}`, { ...incident, isClosed: false });
    this.#open.set(key, incident);
  }

  #note(event: PagerDutyEvent, what: Pick<AcceptedEvent, "action" | "dedupKey" | "effect">): void {
    const summary = event.payload?.summary ?? "";
    this.events.push({ at: Date.now(), routingKeyHash: hashOf(event.routing_key), ...what, summary });
  }
}

function shownOf({ payload, links = [], client, client_url: url }: PagerDutyEvent): { title: string; text: string } {
  if (payload === undefined) return { title: "", text: "" };
  const { summary, severity, source, component, group, custom_details: details = {} } = payload;
  const facts = { severity, source, component, group, class: payload.class };
  const lines = [
    ...Object.entries(facts).flatMap(([name, value]) => (value ? [`${name}: ${value}`] : [])),
    ...Object.entries(details).map(([name, value]) => `${name}: ${plain(value)}`),
    ...links.map(({ href, text }) => `${text ?? "link"}: ${href}`),
    ...(client === undefined ? [] : [`view in ${client}${url === undefined ? "" : `: ${url}`}`]),
  ];
  return { title: summary, text: lines.join("\n") };
}

const plain = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value, undefined, 2));

const hashOf = (key: string): string => createHash("sha256").update(key).digest("hex").slice(0, 16);
