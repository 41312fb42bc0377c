import { alertmanagerWebhook, type WebhookAlert } from "../helpers/alertmanager-webhook.ts";
import type { Random } from "./random.ts";

/** How one alert stands, and in which of its group's states that began. */
interface AlertCourse {
  readonly isFiring: boolean;
  readonly startsAt: number;
  readonly endsAt: number;
  readonly state: number;
  /** Alertmanager goes on to report what is over until a notification of it was taken. */
  readonly isReported: boolean;
}

/** A notification as it is sent, and of which state of its group. */
export interface Snapshot {
  readonly state: number;
  readonly body: object;
}

const MOST_ALERTS = 5;

/**
 * A group as its Alertmanager knows it: each change of an alert makes the next state, from 1 on. It is closed at first.
 */
export class GroupHistory {
  readonly number: number;
  readonly #random: Random;
  readonly #alerts = new Map<number, AlertCourse>();
  /** Whether the group was open, by state. */
  readonly #wasOpen: boolean[] = [false];
  readonly #episodes: number[] = [0];
  readonly #acceptedEpisodes = new Set<number>();
  #acknowledged = 0;
  #clock = 0;

  constructor(number: number, random: Random) {
    this.number = number;
    this.#random = random;
  }

  get state(): number {
    return this.#wasOpen.length - 1;
  }

  get isOpen(): boolean {
    return [...this.#alerts.values()].some(({ isFiring }) => isFiring);
  }

  /** Whether the newest state was taken. */
  get isAcknowledged(): boolean {
    return this.#acknowledged === this.state;
  }

  /** How often the group had begun to fire by then. */
  episodeAt(state: number): number {
    return this.#episodes[state] ?? 0;
  }

  /** The times that it fired of which a notification was taken. */
  get acceptedEpisodes(): ReadonlySet<number> {
    return this.#acceptedEpisodes;
  }

  /** What a message must show of the newest state. */
  firingMarkers(): readonly string[] {
    return [...this.#alerts].filter(([, { isFiring }]) => isFiring).map(([id, { state }]) => this.#marker(id, state));
  }

  /** Something happens: alerts begin, or some or all of them end. */
  advance(): void {
    const firing = [...this.#alerts].filter(([, { isFiring }]) => isFiring).map(([id]) => id);
    const resting = Array.from({ length: MOST_ALERTS }, (_, id) => id).filter((id) => !firing.includes(id));
    const state = this.state + 1;
    const mayBegin = resting.length > 0 && (firing.length === 0 || this.#random.chance(0.4));
    if (mayBegin) for (const id of this.#some(resting, firing.length === 0 ? 3 : 1)) this.#begin(id, state);
    else for (const id of this.#random.chance(0.5) ? firing : this.#some(firing, 2)) this.#end(id, state);
    const isNewEpisode = this.isOpen && this.#wasOpen.at(-1) === false;
    this.#wasOpen.push(this.isOpen);
    this.#episodes.push((this.#episodes.at(-1) ?? 0) + Number(isNewEpisode));
  }

  /** The notification that is due now. */
  snapshot(): Snapshot {
    const alerts = [...this.#alerts]
      .filter(([, { isFiring, isReported }]) => isFiring || isReported)
      .map(([id, course]) => this.#report(id, course));
    return { state: this.state, body: alertmanagerWebhook(alerts, { groupLabels: { group: `g${this.number}` } }) };
  }

  /** A notification was taken: what it told to be over is not reported again. */
  acknowledge(state: number): void {
    this.#acknowledged = Math.max(this.#acknowledged, state);
    if (this.#wasOpen[state] === true) this.#acceptedEpisodes.add(this.episodeAt(state));
    for (const [id, course] of this.#alerts)
      if (!course.isFiring && course.state <= state) this.#alerts.set(id, { ...course, isReported: false });
  }

  #some(ids: readonly number[], most: number): readonly number[] {
    const first = this.#random.whole(0, ids.length - 1);
    return [...ids.slice(first), ...ids.slice(0, first)].slice(0, this.#random.whole(1, most));
  }

  #begin(id: number, state: number): void {
    this.#alerts.set(id, { isFiring: true, startsAt: this.#now(), endsAt: 0, state, isReported: true });
  }

  #end(id: number, state: number): void {
    const course = this.#alerts.get(id);
    if (course !== undefined) this.#alerts.set(id, { ...course, isFiring: false, endsAt: this.#now(), state });
  }

  /** No two moments of a group are the same. */
  #now(): number {
    this.#clock = Math.max(this.#clock + 1, Date.now());
    return this.#clock;
  }

  #report(id: number, { isFiring, startsAt, endsAt, state }: AlertCourse): WebhookAlert {
    return {
      labels: {
        alertname: `Fault${this.number}`,
        group: `g${this.number}`,
        instance: `host-${id}`,
        severity: "warning",
      },
      annotations: { summary: `the marker is ${this.#marker(id, state)}` },
      isFiring,
      startsAt,
      endsAt,
    };
  }

  #marker(alert: number, state: number): string {
    return `g${this.number}a${alert}s${state}`;
  }
}

/** The group that a text tells of, the newest state of an alert in it, and all markers; undefined without a marker. */
export function readMarkers(
  text: string,
): { readonly group: number; readonly state: number; readonly markers: ReadonlySet<string> } | undefined {
  const found = [...text.matchAll(/\bg(\d+)a\d+s(\d+)\b/g)];
  const [first] = found;
  if (first === undefined) return undefined;
  return {
    group: Number(first[1]),
    state: Math.max(...found.map(([, , state]) => Number(state))),
    markers: new Set(found.map(([marker]) => marker)),
  };
}
