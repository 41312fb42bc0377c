import pLimit from "p-limit";
import { inSeconds, minutes, seconds } from "../../../core/duration.ts";
import { asCollectError, CollectError, type CollectReason } from "../../../core/errors.ts";
import type { Certificate } from "../certificate.ts";
import type { CertificatesConfig } from "../config.ts";
import type { SourceReading } from "../inventory.ts";
import { AriClient, Refusal, type RenewalAnswer } from "./ari-client.ts";
import { LONGEST_WAIT, USUAL_WAIT, type Suggestion } from "./renewal-answer.ts";
import { renewalId } from "./renewal-id.ts";

type Entry = CertificatesConfig["acme"][number];
type Missing = SourceReading["missing"];

/** One round of questions, at `now` in Unix seconds. */
interface Round {
  readonly url: string;
  readonly now: number;
  readonly signal: AbortSignal;
}

const ASKED_AT_ONCE = 4;
/** No question of a round is begun later than that, so that a slow authority holds nobody up. */
const PATIENCE = seconds(10);
const FIRST_REST = inSeconds(minutes(1));

/** Failures that say something of one certificate only; any other one means that the authority can not be asked now. */
const OF_ONE: ReadonlySet<CollectReason> = new Set<CollectReason>([
  "unauthorized",
  "forbidden",
  "not_found",
  "unexpected_status",
  "unexpected_shape",
  "invalid_response",
  "body_too_large",
]);

/** One ACME authority, and when it suggests to renew the certificates that it issued. */
export class AcmeAuthority {
  readonly #entry: Entry;
  readonly #client: AriClient;
  readonly #mostQuestions: number;
  /** By fingerprint what was answered, and when to ask again in Unix seconds. */
  readonly #known = new Map<string, { readonly suggestion: Suggestion | undefined; readonly dueAt: number }>();
  #directory: { readonly url: string | undefined; readonly until: number } | undefined;
  #restsUntil = 0;
  #failures = 0;

  constructor(entry: Entry, mostQuestions: number) {
    this.#entry = entry;
    this.#client = new AriClient(entry);
    this.#mostQuestions = mostQuestions;
  }

  suggestion({ fingerprint }: Certificate): Suggestion | undefined {
    return this.#known.get(fingerprint)?.suggestion;
  }

  /** Asks about those of the leaves that are due; gives what went wrong. Throws only what `signal` was aborted with. */
  async refresh(leaves: readonly Certificate[], now: number, signal: AbortSignal): Promise<Missing> {
    this.#forget(leaves, now);
    const due = this.#due(leaves, now);
    if (due.length === 0 || now < this.#restsUntil) return [];
    try {
      const before = this.#directory;
      const url = await this.#findUrl(now, signal);
      if (url !== undefined) return this.#tell(await this.#askAll(due, { url, now, signal }));
      const isToldAlready = before !== undefined && before.url === undefined;
      return isToldAlready ? [] : this.#tell([new CollectError("not_found", this.#entry.directory + NO_RENEWAL_INFO)]);
    } catch (thrown) {
      signal.throwIfAborted();
      return this.#tell([this.#rest(asCollectError(thrown), now)]);
    }
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  /** What is no longer there is known until it would be asked about again: its source may be away for a moment only. */
  #forget(leaves: readonly Certificate[], now: number): void {
    const present = new Set(leaves.map(({ fingerprint }) => fingerprint));
    for (const [fingerprint, { dueAt }] of this.#known)
      if (dueAt <= now && !present.has(fingerprint)) this.#known.delete(fingerprint);
  }

  #due(leaves: readonly Certificate[], now: number): readonly Certificate[] {
    const dueAt = ({ fingerprint }: Certificate): number => this.#known.get(fingerprint)?.dueAt ?? 0;
    return leaves
      .filter((leaf) => dueAt(leaf) <= now && this.#isConcerned(leaf, now))
      .toSorted((a, b) => dueAt(a) - dueAt(b))
      .slice(0, this.#mostQuestions);
  }

  #isConcerned({ notAfter, subjectDer, issuerDer, issuer, authorityKeyId }: Certificate, now: number): boolean {
    if (notAfter <= now || authorityKeyId === undefined || subjectDer === issuerDer) return false;
    const { issuers } = this.#entry;
    return issuers.length === 0 || [issuer.O, issuer.CN].some((name) => name !== undefined && issuers.includes(name));
  }

  async #findUrl(now: number, signal: AbortSignal): Promise<string | undefined> {
    if (this.#directory === undefined || this.#directory.until <= now)
      this.#directory = { url: await this.#client.findUrl(now, signal), until: now + LONGEST_WAIT };
    return this.#directory.url;
  }

  async #askAll(due: readonly Certificate[], round: Round): Promise<readonly CollectError[]> {
    const begun = performance.now();
    const limit = pLimit(ASKED_AT_ONCE);
    const errors = await limit.map(due, async (leaf) => {
      if (round.now < this.#restsUntil || performance.now() - begun > PATIENCE) return undefined;
      return this.#ask(leaf, round);
    });
    return errors.filter((error) => error !== undefined);
  }

  async #ask(leaf: Certificate, { url, now, signal }: Round): Promise<CollectError | undefined> {
    const keep = ({ suggestion, wait }: RenewalAnswer): void => {
      this.#known.set(leaf.fingerprint, { suggestion, dueAt: now + wait });
    };
    try {
      keep(await this.#client.ask(`${url}/${renewalId(leaf)}`, now, signal));
      this.#failures = 0;
      return undefined;
    } catch (thrown) {
      signal.throwIfAborted();
      const error = asCollectError(thrown);
      const isOfOne = OF_ONE.has(error.reason);
      if (!isOfOne) this.#rest(error, now);
      // those that were never asked about come first next time, lest one that always fails holds up all others
      keep({ suggestion: this.suggestion(leaf), wait: isOfOne ? USUAL_WAIT : this.#restsUntil - now });
      return error;
    }
  }

  /** Leaves the authority alone for a while, longer each time; several questions that fail at once count as one. */
  #rest(error: CollectError, now: number): CollectError {
    if (now < this.#restsUntil) return error;
    const wait = Math.min(USUAL_WAIT, FIRST_REST * 2 ** this.#failures);
    this.#failures += 1;
    this.#restsUntil = now + Math.max(wait, error instanceof Refusal ? (error.wait ?? 0) : 0);
    return error;
  }

  /** Many certificates that fail alike are one piece. */
  #tell([first, ...others]: readonly CollectError[]): Missing {
    if (first === undefined) return [];
    const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
    const piece = `renewal information of ${this.#entry.directory}`;
    return [{ piece, error: new CollectError(first.reason, first.message + more, { cause: first }) }];
  }
}

const NO_RENEWAL_INFO =
  ": this authority has no renewal information, so its certificates are expected to be renewed after two thirds of their lifetime";
