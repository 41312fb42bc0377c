import { setTimeout as pause } from "node:timers/promises";
import { withNulls, withWrongTypes } from "../wrong-body.ts";
import type { SocketFault } from "./contract.ts";
import { callError, type LabFailure } from "./failure.ts";

/** So long answers are held back under `out_of_order`, so that there are others to overtake them. */
const OVERTAKE_MS = 25;

/** What the fault answers a call of the method with in place of its result; undefined when it is called truly. */
export function refusal(fault: SocketFault | undefined, name: string, open: boolean): LabFailure | undefined {
  if (fault?.kind === "session_expired" && !open) return callError("ENOTAUTHENTICATED", "Not authenticated");
  if (fault?.kind !== "error" || fault.method !== name) return undefined;
  if (fault.code === -32_000) return { kind: "too_many", limit: 20 };
  if (fault.code === -32_602) return { kind: "params", attribute: "options", reason: "Extra inputs are not permitted" };
  if (fault.code === -32_001) return callError(fault.errname ?? "EFAULT", "something failed in the lab");
  return { kind: "protocol", code: fault.code, message: "something failed in the lab" };
}

/** Waits before a call as the fault wants; for ever when it hangs. */
export async function waitOf(fault: SocketFault | undefined, name: string): Promise<void> {
  if (fault?.kind === "hang" && fault.method === name) await new Promise(() => {});
  if (fault?.kind === "out_of_order") await pause(OVERTAKE_MS);
}

/** The result as the fault falsifies it. */
export function bent(fault: SocketFault | undefined, name: string, result: unknown): unknown {
  if (fault?.kind === "plain_dates") return withPlainDates(result);
  if ((fault?.kind !== "nulls" && fault?.kind !== "wrong_types") || fault.method !== name) return result;
  const text = JSON.stringify(result);
  return JSON.parse(fault.kind === "nulls" ? withNulls(text) : withWrongTypes(text)) as unknown;
}

/** Every `{"$date": milliseconds}` as a text, and every second one as seconds since 1970. */
function withPlainDates(result: unknown): unknown {
  let seen = 0;
  return JSON.parse(JSON.stringify(result), (_key, value: unknown) => {
    if (typeof value !== "object" || value === null || !("$date" in value)) return value;
    const milliseconds = value.$date;
    if (typeof milliseconds !== "number") return value;
    seen += 1;
    return seen % 2 === 1 ? new Date(milliseconds).toISOString() : milliseconds / 1000;
  }) as unknown;
}
