import { appendFile, open } from "node:fs/promises";
import type { Logger } from "pino";
import { z } from "zod";
import { hours, inSeconds } from "../../core/duration.ts";
import { memoryKey } from "../../slo/gate.ts";
import { isOfState, type AuditEntry } from "../../slo/policy/decide.ts";
import type { PolicyMemory } from "../../slo/policy/state.ts";

/** An answer that says the same again is not written down again for so long, since pipelines ask every few seconds. */
const QUIET = inSeconds(hours(1));
/** What is shown of the past. */
const KEPT = 1_000;
/** What is read of a file at the start. */
const TAIL_BYTES = 4 * 1024 * 1024;

const time = () => z.iso.datetime().transform((text) => Date.parse(text) / 1_000);

const entrySchema = z.object({
  at: time(),
  sloId: z.string(),
  group: z.record(z.string(), z.string()),
  policy: z.string(),
  event: z.enum(["state", "recovery", "allowed", "denied"]),
  state: z.string(),
  from: z.string().exactOptional(),
  betterSince: time().exactOptional(),
  cause: z.enum(["budget", "unknown", "always_allowed", "exempt", "approved"]),
  reason: z.string(),
  change: z.string().exactOptional(),
  by: z.string().exactOptional(),
});

/** An entry as it is written down and given out: its times are RFC 3339. */
export interface WrittenEntry extends Omit<AuditEntry, "at" | "betterSince"> {
  readonly at: string;
  readonly betterSince?: string;
}

/** An entry for others to read. */
export function writeEntry({ at, betterSince, ...entry }: AuditEntry): WrittenEntry {
  const iso = (unixSeconds: number): string => new Date(unixSeconds * 1_000).toISOString();
  return { at: iso(at), ...entry, ...(betterSince !== undefined && { betterSince: iso(betterSince) }) };
}

/** What gates answered and how states changed, and the states themselves; in a file too, when one is named. */
export interface AuditLog {
  /** The states of groups of SLOs, for gates. */
  readonly memory: Map<string, PolicyMemory>;
  append(entries: readonly AuditEntry[]): Promise<void>;
  /** The newest entries of an SLO, newest first. */
  recent(sloId: string, most: number): readonly AuditEntry[];
}

/** Opens the audit; states go on from what is in the file. A file that can not be read or written is only logged. */
export async function openAuditLog(path: string | undefined, log: Logger): Promise<AuditLog> {
  const entries = path === undefined ? [] : await readTail(path, log);
  const memory = new Map<string, PolicyMemory>();
  const last = new Map<string, AuditEntry>();
  const isNews = (entry: AuditEntry): boolean => {
    const before = last.get(questionOf(entry));
    return before === undefined || sayingOf(before) !== sayingOf(entry) || entry.at - before.at >= QUIET;
  };
  const take = (entry: AuditEntry): void => {
    if (isOfState(entry)) {
      const key = memoryKey(entry.sloId, entry.group);
      const { state, at, betterSince } = entry;
      memory.set(key, { state, since: entry.event === "state" ? at : (memory.get(key)?.since ?? at), betterSince });
    }
    last.set(questionOf(entry), entry);
  };
  entries.forEach(take);
  forgetOld(entries, last);
  return {
    memory,
    async append(found) {
      const news = found.filter((entry) => isOfState(entry) || isNews(entry));
      news.forEach(take);
      entries.push(...news);
      forgetOld(entries, last);
      if (path === undefined || news.length === 0) return;
      const lines = news.map((entry) => `${JSON.stringify(writeEntry(entry))}\n`).join("");
      await appendFile(path, lines).catch((err: unknown) =>
        log.error({ err, path }, "the audit of gates could not be written"),
      );
    },
    recent: (sloId, most) =>
      entries
        .filter((entry) => entry.sloId === sloId)
        .slice(-most)
        .toReversed(),
  };
}

/** What is no news any more needs no comparison: whoever asks may name any kind of change and any group. */
function forgetOld(entries: AuditEntry[], last: Map<string, AuditEntry>): void {
  entries.splice(0, entries.length - KEPT);
  const newest = entries.at(-1)?.at ?? 0;
  for (const [question, { at }] of last) if (newest - at >= QUIET) last.delete(question);
}

const questionOf = (entry: AuditEntry): string =>
  JSON.stringify([entry.sloId, entry.group, isOfState(entry), entry.change ?? ""]);

const sayingOf = ({ event, state, cause, policy, by = "" }: AuditEntry): string =>
  JSON.stringify([event, state, cause, policy, by]);

async function readTail(path: string, log: Logger): Promise<AuditEntry[]> {
  try {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      const from = Math.max(0, size - TAIL_BYTES);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
      // the first line of a tail may be a part of one
      return buffer.subarray(0, bytesRead).toString().split("\n").flatMap(entryOf);
    } finally {
      await file.close();
    }
  } catch (err) {
    const isNew = err instanceof Error && "code" in err && err.code === "ENOENT";
    if (!isNew) log.error({ err, path }, "the audit of gates could not be read; states begin anew");
    return [];
  }
}

function entryOf(line: string): AuditEntry[] {
  try {
    const { data } = entrySchema.safeParse(JSON.parse(line));
    return data === undefined ? [] : [data];
  } catch {
    return [];
  }
}
