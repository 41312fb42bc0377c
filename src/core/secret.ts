import { inspect } from "node:util";

/** What every rendering of a secret shows instead of it. */
export const REDACTED = "<redacted>";

/**
 * A value that prints as `<redacted>` in logs, JSON, templates and the debugger. Only {@link Secret.reveal}, called at
 * the one place that puts it on the wire, gives the text.
 */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The secret itself: for a request header or body, never for a message. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [inspect.custom](): string {
    return REDACTED;
  }
}
