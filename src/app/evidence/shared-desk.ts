import type { EvidenceDesk } from "./desk.ts";

/** A desk that several use at a time. */
export interface SharedDesk {
  /** Does some work at it; it stays open until that has ended. */
  use<T>(work: (desk: EvidenceDesk) => Promise<T>): Promise<T>;
  /** Closes it as soon as nobody uses it. */
  retire(): void;
  /** Closes it now, whoever uses it. */
  close(): Promise<void>;
}

/** Shares a desk; `closed` is called when it begins to be closed. */
export function shareDesk(desk: EvidenceDesk, closed: (desk: SharedDesk) => void): SharedDesk {
  let users = 0;
  let isRetired = false;
  let closing: Promise<void> | undefined;
  const shared: SharedDesk = {
    async use(work) {
      users += 1;
      try {
        return await work(desk);
      } finally {
        users -= 1;
        closeUnused();
      }
    },
    retire() {
      isRetired = true;
      closeUnused();
    },
    close() {
      if (closing === undefined) closed(shared);
      closing ??= desk.close();
      return closing;
    },
  };
  const closeUnused = (): void => {
    // nobody waits for it, and what could not be closed is of no use to anybody
    if (isRetired && users === 0) void shared.close().catch(() => undefined);
  };
  return shared;
}
