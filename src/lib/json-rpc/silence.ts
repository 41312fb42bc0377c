import type { Duration } from "../../core/duration.ts";

/** What is known of a socket, and what can be done about it. */
export interface WatchedSocket {
  bytesRead(): number;
  /** Whether an answer is waited for. */
  isBusy(): boolean;
  /** Asks for a sign of life. */
  ask(): void;
  drop(): void;
}

/** Looks at a socket are so many within the silence that it is allowed. */
const LOOKS = 4;
/** Looks after the question in which nothing came. */
const PATIENCE = 2;

/**
 * Asks a socket for a sign of life after that long a silence, or a quarter of it when an answer is waited for, and
 * drops it when for half of it no byte comes: a large message that is still coming is none. Returns what ends the
 * watch.
 */
export function watchSilence(silence: Duration, socket: WatchedSocket): () => void {
  let seen = socket.bytesRead();
  let quiet = 0;
  let asked: number | undefined;
  const look = (): void => {
    const now = socket.bytesRead();
    if (now !== seen) {
      [seen, quiet, asked] = [now, 0, undefined];
      return;
    }
    quiet++;
    if (asked !== undefined && quiet - asked >= PATIENCE) return socket.drop();
    if (asked !== undefined || (quiet < LOOKS && !socket.isBusy())) return;
    asked = quiet;
    socket.ask();
  };
  const timer = setInterval(look, silence / LOOKS).unref();
  return () => clearInterval(timer);
}
