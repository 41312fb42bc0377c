import type { AlertGroup } from "../../core/alert-group.ts";
import { seconds, type Duration } from "../../core/duration.ts";
import { priorityOf } from "../groups/priority-of.ts";
import { evidenceSubject, type EvidenceSubject } from "./subject.ts";

/** When evidence is looked for. */
export interface AgendaTimes {
  /** From an alert's beginning, so that there is something to see. */
  readonly settle: Duration;
  /** From an alert's beginning to the end of its window, which is looked at once more. */
  readonly after: Duration;
  /** From that end until all of it can be read: Tempo hides the newest half minute. */
  readonly margin: Duration;
  /** After the first failure; four times as long after each more. */
  readonly retry: Duration;
}

/** The usual times for a window that ends so long after an alert's beginning. */
export const agendaTimes = (after: Duration): AgendaTimes => ({
  settle: seconds(20),
  after,
  margin: seconds(30),
  retry: seconds(30),
});

const MOST_FAILURES = 4;
const SLOWER = 4;
/** What one turn takes on: after it the most urgent are chosen anew. */
const MOST_DUE = 4;

/** What is remembered of a group, about one alert of it. */
interface Note {
  readonly subject: string;
  readonly failures: number;
  readonly notBefore: number;
  /** When it was last looked for in vain, or with the same result; 0 before. */
  readonly lookedAt: number;
}

/** A group that is due. */
interface Due {
  readonly group: AlertGroup;
  readonly priority: number;
  /** 1 when it was looked at before. */
  readonly isAgain: number;
  readonly beganAt: number;
}

/** Knows which groups are to be looked at, and when; groups are shown to it page by page. Times are the store's. */
export class Agenda {
  readonly #times: AgendaTimes;
  readonly #notes = new Map<string, Note>();
  #due: Due[] = [];
  #seen = new Set<string>();
  #waiting = 0;
  #nextAt = Number.POSITIVE_INFINITY;

  constructor(times: AgendaTimes) {
    this.#times = times;
  }

  /** Begins a look at all open groups. */
  begin(): void {
    this.#due = [];
    this.#seen = new Set();
    this.#waiting = 0;
    this.#nextAt = Number.POSITIVE_INFINITY;
  }

  /** Notes an open group; keeps no more of them than are to be taken on. */
  show(group: AlertGroup, now: number): void {
    const subject = evidenceSubject(group, now);
    if (subject === undefined) return;
    this.#seen.add(group.id);
    const note = this.#noteOf(group, subject);
    if (note.failures >= MOST_FAILURES) return;
    const dueAt = Math.max(note.notBefore, this.#dueAt(group, subject, note));
    if (group.evidence === undefined && note.lookedAt === 0) this.#waiting += 1;
    if (dueAt > now) this.#nextAt = Math.min(this.#nextAt, dueAt);
    if (dueAt > now) return;
    const isAgain = Number(group.evidence !== undefined || note.lookedAt > 0);
    this.#due.push({ group, priority: priorityOf(group), isAgain, beganAt: subject.beganAt });
    if (this.#due.length > 2 * MOST_DUE) this.#due = this.#due.toSorted(byUrgency).slice(0, MOST_DUE);
  }

  /** Ends the look: gives what is due, the most urgent first, and forgets groups that are over. */
  end(): readonly AlertGroup[] {
    for (const id of this.#notes.keys()) if (!this.#seen.has(id)) this.#notes.delete(id);
    return this.#due
      .toSorted(byUrgency)
      .slice(0, MOST_DUE)
      .map(({ group }) => group);
  }

  /** How many groups wait to be looked at for the first time, by the newest look. */
  get waiting(): number {
    return this.#waiting;
  }

  /** When the next group is due, by the newest look; infinite when none is known to become so. */
  get nextAt(): number {
    return this.#nextAt;
  }

  /** It was looked for evidence of the group. */
  looked(group: AlertGroup, now: number): void {
    this.#change(group, now, () => ({ failures: 0, notBefore: 0, lookedAt: now }));
  }

  /** It could not be looked for. Gives whether it is tried again. */
  failed(group: AlertGroup, now: number): boolean {
    const { failures } = this.#change(group, now, (note) => ({
      ...note,
      failures: note.failures + 1,
      notBefore: now + this.#times.retry * SLOWER ** note.failures,
    }));
    return failures < MOST_FAILURES;
  }

  /** When the group is to be looked at for the first time, or once more at the end of its window; else never. */
  #dueAt({ evidence }: AlertGroup, { beganAt }: EvidenceSubject, { lookedAt }: Note): number {
    const { settle, after, margin } = this.#times;
    const last = Math.max(lookedAt, evidence?.at ?? 0);
    const end = beganAt + after + margin;
    if (last === 0) return beganAt + settle;
    return last < end ? end : Number.POSITIVE_INFINITY;
  }

  #change(group: AlertGroup, now: number, change: (note: Note) => Omit<Note, "subject">): Note {
    const subject = evidenceSubject(group, now);
    if (subject === undefined) return fresh("");
    const note = this.#noteOf(group, subject);
    const next = { subject: note.subject, ...change(note) };
    this.#notes.set(group.id, next);
    return next;
  }

  #noteOf({ id }: AlertGroup, { alert }: EvidenceSubject): Note {
    const subject = `${alert.fingerprint}@${alert.startsAt}`;
    const note = this.#notes.get(id);
    return note?.subject === subject ? note : fresh(subject);
  }
}

const fresh = (subject: string): Note => ({ subject, failures: 0, notBefore: 0, lookedAt: 0 });

const byUrgency = (a: Due, b: Due): number => a.priority - b.priority || a.isAgain - b.isAgain || a.beganAt - b.beganAt;
