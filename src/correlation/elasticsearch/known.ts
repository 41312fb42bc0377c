import { minutes, seconds } from "../../core/duration.ts";
import type { ElasticsearchConfig } from "../../core/evidence-config.ts";
import { asCollectError } from "../../core/errors.ts";
import type { ReadingNotes } from "../../core/telemetry.ts";
import { chooseCandidates } from "./candidates.ts";
import { readCapabilities } from "./capabilities.ts";
import type { Elasticsearch } from "./client.ts";
import { readProfile, type Profile } from "./profile.ts";

/** What is known of the indices. */
export interface Known extends ReadingNotes {
  readonly profile: Profile;
  /** Names of fields whose values are worth comparing, the best first. */
  readonly candidates: readonly string[];
  /** Why no candidates are known. */
  readonly unread?: string;
}

/** Mappings change with a new release of a service, seldom otherwise. */
const KEPT = minutes(5);
/** What is not whole is looked at again soon. */
const KEPT_UNSURE = seconds(20);

/** Gives what is known of the indices, read anew every few minutes. Rejects with `CollectError`. */
export function keepKnown(
  elasticsearch: Elasticsearch,
  config: Pick<ElasticsearchConfig, "indices" | "fields">,
): (signal: AbortSignal) => Promise<Known> {
  let kept: { readonly known: Known; readonly until: number } | undefined;
  return async (signal) => {
    if (kept !== undefined && performance.now() < kept.until) return kept.known;
    const [profile, found] = await Promise.all([
      readProfile(elasticsearch, config, signal),
      readAllFields(elasticsearch, config.indices, signal),
    ]);
    const candidates = found.capabilities === undefined ? [] : chooseCandidates(found.capabilities, profile);
    const known: Known = {
      profile,
      candidates: candidates.map(({ name }) => name),
      ...(found.unread !== undefined && { unread: found.unread }),
      notes: [...new Set([...profile.notes, ...found.notes])],
      queries: [profile.query, ...(found.capabilities === undefined ? [] : [found.capabilities.query])],
    };
    // that there is none at all is asked anew each time: it may be a passing fault, and costs little
    if (profile.indices === 0) return known;
    kept = { known, until: performance.now() + (found.capabilities === undefined ? KEPT_UNSURE : KEPT) };
    return known;
  };
}

/** Without them no values are compared, and the lines are read all the same. */
async function readAllFields(elasticsearch: Elasticsearch, indices: readonly string[], signal: AbortSignal) {
  try {
    const capabilities = await readCapabilities(elasticsearch, indices, { names: ["*"], unmapped: false }, signal);
    return { capabilities, notes: capabilities.notes, unread: undefined };
  } catch (thrown) {
    if (signal.aborted) throw thrown;
    const unread = `fields could not be compared: ${asCollectError(thrown).message}`;
    return { capabilities: undefined, notes: [unread], unread };
  }
}
