import type { SeenMessage } from "./stand-in.ts";

/** What a message shows. */
export interface Shown {
  readonly title: string;
  readonly text: string;
  readonly isClosed?: boolean | undefined;
}

interface Entry {
  readonly id: string;
  readonly place: string;
  readonly at: number;
  readonly edits: { readonly at: number; readonly title: string; readonly text: string }[];
  readonly thread: { readonly at: number; readonly text: string }[];
  shown: Shown;
}

/** What people see in an emulated service: messages, their edits and the answers under them. */
export class Board {
  readonly #entries = new Map<string, Entry>();

  /** Shows a new message. */
  post(id: string, place: string, shown: Shown): void {
    this.#entries.set(id, { id, place, at: Date.now(), edits: [], thread: [], shown });
  }

  /** Shows a message differently from now on, and keeps what it showed before. */
  edit(id: string, shown: Shown): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    entry.edits.push({ at: Date.now(), title: entry.shown.title, text: entry.shown.text });
    entry.shown = shown;
  }

  /** Puts an answer under a message. */
  answer(id: string, text: string): void {
    this.#entries.get(id)?.thread.push({ at: Date.now(), text });
  }

  /** Takes a message away, as its reader may. */
  remove(id: string): void {
    this.#entries.delete(id);
  }

  has(id: string): boolean {
    return this.#entries.has(id);
  }

  /** Oldest first. */
  messages(): readonly SeenMessage[] {
    return [...this.#entries.values()].map(({ shown: { title, text, isClosed }, edits, thread, ...rest }) => ({
      ...rest,
      title,
      text,
      edits: [...edits],
      thread: [...thread],
      ...(isClosed !== undefined && { isClosed }),
    }));
  }
}
