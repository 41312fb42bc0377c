import type { TrueNasRelease } from "./contract.ts";
import { callError, FailedCall, invalidParams, type LabFailure } from "./failure.ts";
import { realtimeFields } from "./methods/realtime.ts";
import { hasRole, type Nas, type Session } from "./nas.ts";
import { roleOfMethod } from "./rooms.ts";

/** Something that the server tells without being asked. */
export interface LabEvent {
  readonly msg: "added" | "changed" | "removed";
  readonly collection: string;
  readonly id?: unknown;
  readonly fields?: unknown;
}

/** Who hears of a socket's events. */
export interface EventListener {
  event(event: LabEvent): void;
  /** A subscription ended; `failure` says why when the client did not ask for it. */
  ended(collection: string, failure: LabFailure | undefined): void;
}

const REALTIME = "reporting.realtime";

/** The roles that events need which no method of the lab is named like. */
const EVENT_ROLES: Readonly<Record<string, string>> = { [REALTIME]: "REPORTING_READ", "app.stats": "APPS_READ" };

/** The events that one socket asked for. */
export class Subscriptions {
  readonly #nas: Nas;
  readonly #release: TrueNasRelease;
  readonly #listener: EventListener;
  readonly #names = new Map<string, string>();
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(nas: Nas, release: TrueNasRelease, listener: EventListener) {
    this.#nas = nas;
    this.#release = release;
    this.#listener = listener;
  }

  has(collection: string): boolean {
    const names = new Set(this.#names.values());
    return names.has(collection) || names.has("*");
  }

  /**
   * Subscribes under the id; throws {@link FailedCall} when it is not allowed. A wrong argument is no failure of the
   * call: the subscription ends at once.
   */
  add(id: string, name: string, { key }: Session): void {
    const [short = name] = name.split(":", 1);
    const role = EVENT_ROLES[short] ?? roleOfMethod(short) ?? "FULL_ADMIN";
    const allowed = key !== undefined && (short === "core.get_jobs" || hasRole(this.#nas, key, role));
    if (!allowed) throw new FailedCall(callError("EACCES", "Not authorized"));
    if (short !== REALTIME) this.#names.set(id, name);
    else this.#addRealtime(id, name);
  }

  /** Ends the subscription of the id; unknown ones are ignored. */
  remove(id: string): void {
    const name = this.#names.get(id);
    const timer = this.#timers.get(id);
    this.#names.delete(id);
    this.#timers.delete(id);
    clearInterval(timer);
    if (name !== undefined && timer !== undefined) this.#listener.ended(name, undefined);
  }

  /** Ends them all. */
  end(): void {
    for (const id of this.#names.keys()) this.remove(id);
  }

  #addRealtime(id: string, name: string): void {
    const seconds = intervalOf(name);
    if (typeof seconds !== "number") return this.#listener.ended(name, seconds.failure);
    const fields = (): unknown => realtimeFields(this.#nas.state.system, this.#release);
    const tell = (): void => this.#listener.event({ msg: "added", collection: name, fields: fields() });
    this.#names.set(id, name);
    this.#timers.set(id, setInterval(tell, seconds * 1000).unref());
    // The answer to the subscription goes first.
    setImmediate(() => this.#names.has(id) && tell());
  }
}

/** The seconds between two events, from a name such as `reporting.realtime:{"interval": 5}`; 2 unless given. */
function intervalOf(name: string): number | FailedCall {
  const argument = name.slice(REALTIME.length + 1);
  if (argument === "") return 2;
  const given = parse(argument);
  if (typeof given !== "object" || given === null) return invalidParams(REALTIME, "Input should be a valid dictionary");
  const { interval = 2 } = given as { readonly interval?: unknown };
  const attribute = `${REALTIME}.interval`;
  if (typeof interval !== "number" || !Number.isInteger(interval))
    return invalidParams(attribute, "Input should be a valid integer");
  return interval < 2 ? invalidParams(attribute, "Input should be greater than or equal to 2") : interval;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
