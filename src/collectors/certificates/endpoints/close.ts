import { once } from "node:events";
import type { TLSSocket } from "node:tls";
import { seconds } from "../../../core/duration.ts";
import type { Dialogue } from "./start-tls/dialogue.ts";
import { Wire } from "./wire.ts";

/** How long a server may take over a farewell before the connection is cut. */
const PATIENCE = seconds(2);

/**
 * Leaves a session in the way that its protocol wants, so that the server neither complains in its log nor counts us as
 * one of those who attack it. Never throws; nobody needs to wait for it.
 */
export async function leave(session: TLSSocket, dialogue: Dialogue | undefined): Promise<void> {
  const timer = setTimeout(() => session.destroy(), PATIENCE).unref();
  const closed = once(session, "close").catch(() => {});
  try {
    await dialogue?.leave?.(new Wire(session, { waitingFor: "the farewell" }));
  } catch {
    // the certificate is known already
  }
  if (dialogue?.farewell !== undefined) session.write(dialogue.farewell);
  session.end();
  await closed;
  clearTimeout(timer);
}
