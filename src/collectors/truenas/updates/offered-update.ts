import { z } from "zod";
import { seconds } from "../../../core/duration.ts";
import { looseText } from "../../../lib/answers/loose-shapes.ts";
import type { TrueNasClient } from "../client.ts";
import { isOwnTrouble } from "../session/errors.ts";
import type { Dialect } from "../versions.ts";

/** What the server knows of newer releases; undefined is unknown. */
export interface OfferedUpdate {
  readonly isAvailable: boolean | undefined;
  readonly version: string | undefined;
  /** Whether the server tried to find out and could not. */
  readonly hasFailed: boolean | undefined;
}

/** The server asks another one far away, and waits 15 s for it itself. */
const PATIENCE = seconds(25);

const unknown: OfferedUpdate = { isAvailable: undefined, version: undefined, hasFailed: undefined };
const none: OfferedUpdate = { isAvailable: false, version: undefined, hasFailed: false };
const failed: OfferedUpdate = { ...unknown, hasFailed: true };
/** One is applied already, or the other controller is not there to update with: nothing is wrong with the search. */
const notAsked: OfferedUpdate = { ...unknown, hasFailed: false };
const offer = (version: string): OfferedUpdate => ({ isAvailable: true, version, hasFailed: false });

const availableShape = z.object({ status: looseText, version: looseText });

const statusShape = z.object({
  code: looseText,
  status: z
    .object({ new_version: z.object({ version: z.string() }).nullable().optional().catch(undefined) })
    .nullish()
    .catch(undefined),
  error: z.object({ errname: looseText }).nullish().catch(undefined),
});

/** Asks the server for a newer release, as its own release wants to be asked. Throws `CollectError`. */
export async function readOfferedUpdate(client: TrueNasClient, dialect: Dialect, signal: AbortSignal) {
  const method = dialect.update;
  const call = { method, signal, timeout: PATIENCE };
  if (method === "update.status") return ofStatus(await client.call({ ...call, shape: statusShape }));
  try {
    return ofAvailable(await client.call({ ...call, shape: availableShape }));
  } catch (thrown) {
    if (isOwnTrouble(thrown)) return failed;
    throw thrown;
  }
}

function ofAvailable({ status, version }: z.output<typeof availableShape>): OfferedUpdate {
  if (status === "AVAILABLE") return version === undefined ? { ...none, isAvailable: true } : offer(version);
  if (status === "UNAVAILABLE") return none;
  return status === "REBOOT_REQUIRED" || status === "HA_UNAVAILABLE" ? notAsked : unknown;
}

/** By the name of the error, since 25.10; the first versions of 25.10 have codes of their own in its place. */
const NOT_ASKED: ReadonlySet<string | undefined> = new Set([
  "EREBOOTREQUIRED",
  "EHAUNAVAILABLE",
  "REBOOT_REQUIRED",
  "HA_UNAVAILABLE",
]);

function ofStatus({ code, status, error }: z.output<typeof statusShape>): OfferedUpdate {
  if (code === "NORMAL") {
    const newer = status?.new_version;
    if (newer === undefined) return { ...unknown, hasFailed: false };
    return newer === null ? none : offer(newer.version);
  }
  if (NOT_ASKED.has(code) || NOT_ASKED.has(error?.errname)) return notAsked;
  // the server found releases, but none that is newer or that its update profile wants
  if (error?.errname === "ENOPKG") return none;
  return code === "ERROR" ? failed : unknown;
}
