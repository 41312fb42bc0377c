import { z } from "zod";
import { seconds } from "../../core/duration.ts";
import { CollectError } from "../../core/errors.ts";
import type { StoredQuery } from "../../core/telemetry.ts";
import { checkWindow, searchNotes, searchShape, type Hit, type SearchAnswer } from "./answers.ts";
import type { Asked, Elasticsearch } from "./client.ts";
import { toLine, type TimedLine } from "./lines.ts";
import type { Profile } from "./profile.ts";
import { countsOf, isTooMuch, type Read, type LineSearch, type SampleQuestion } from "./line-search.ts";

/** How long Elasticsearch keeps a point in time after each request. */
const KEEP_ALIVE = "1m";
const CLOSE_WITHIN = seconds(2);
/** Far more than lines usually take: it bounds the time and the work of the server, for lines are cut only here. */
const MOST_BYTES = 64 * 1024 * 1024;
/** Of a line on the average, where so many are asked for that they take more. */
const LINE_BYTES = 2 * 1024;

const opened = z.object({ id: z.string() });

/** A page is of `page` lines at first. */
type Paged = SampleQuestion & { readonly search: LineSearch; readonly page: number };

/**
 * Reads lines page by page at one point in time, which is closed at the end in every case. Pages become smaller when
 * lines are long. Source:
 * https://www.elastic.co/docs/reference/elasticsearch/rest-apis/paginate-search-results#search-after
 */
export async function readPages(elasticsearch: Elasticsearch, question: Paged, signal: AbortSignal): Promise<Read> {
  const { indices, purpose } = question;
  const { answer, query } = await elasticsearch.ask(
    {
      purpose: `${purpose}: point in time`,
      shape: opened,
      call: (client, options) =>
        client.openPointInTime({ index: [...indices], keep_alive: KEEP_ALIVE, ignore_unavailable: true }, options),
    },
    // one that was opened and is not known could not be closed
    lingering(signal),
  );
  const state = new Walk(answer.id, question);
  try {
    while (!state.isDone()) await nextPage(elasticsearch, question, state, signal);
  } finally {
    await close(elasticsearch, state.pit);
  }
  return { ...state.result(purpose), queries: [query, ...state.queries] };
}

/** How far the walk through the pages has come. */
class Walk {
  pit: string;
  size: number;
  /** The place of the last hit, from where the next page begins. */
  after: Hit["sort"];
  readonly #lines: TimedLine[] = [];
  #came = 0;
  readonly notes = new Set<string>();
  /** The first page only: the others differ in where they begin. */
  readonly queries: StoredQuery[] = [];
  readonly #most: number;
  readonly #profile: Profile;
  #bytes = 0;
  #counts: { readonly total: number; readonly isExact: boolean } | undefined;
  #isAtEnd = false;

  constructor(pit: string, { page, lines, profile }: Paged) {
    this.pit = pit;
    this.size = page;
    this.#most = lines;
    this.#profile = profile;
  }

  isDone(): boolean {
    return this.#isAtEnd || this.#came >= this.#most;
  }

  wanted(): number {
    return Math.min(this.size, this.#most - this.#came);
  }

  take({ answer, query, bytes }: Asked<SearchAnswer>, purpose: string): void {
    const wanted = this.wanted();
    const { hits } = answer.hits;
    this.pit = answer.pit_id ?? this.pit;
    this.#came += hits.length;
    this.#lines.push(...hits.flatMap((hit) => toLine(hit, this.#profile) ?? []));
    this.after = hits.at(-1)?.sort;
    const counts = countsOf(answer);
    this.#counts = {
      total: this.#counts?.total ?? counts.total,
      isExact: (this.#counts?.isExact ?? true) && counts.isExact,
    };
    for (const note of searchNotes(answer, purpose)) this.notes.add(note);
    if (this.queries.length === 0) this.queries.push(query);
    this.#bytes += bytes;
    this.#isAtEnd = hits.length < wanted || this.after === undefined;
    if (this.#bytes > Math.max(MOST_BYTES, this.#most * LINE_BYTES))
      this.stop(`${purpose}: the lines are so long that only ${this.#came} of them were read`);
  }

  stop(note: string): void {
    this.#isAtEnd = true;
    this.notes.add(note);
  }

  result(purpose: string): Omit<Read, "queries"> {
    if (this.#counts === undefined)
      throw new CollectError("body_too_large", `${purpose}: a single line is larger than what is read`);
    return { lines: this.#lines, came: this.#came, ...this.#counts, notes: [...this.notes] };
  }
}

async function nextPage(
  elasticsearch: Elasticsearch,
  { search, purpose }: Paged,
  walk: Walk,
  signal: AbortSignal,
): Promise<void> {
  const { after } = walk;
  try {
    const page = await elasticsearch.ask(
      {
        purpose: `${purpose}: first page`,
        shape: searchShape,
        call: (client, options) =>
          client.search(
            {
              ...search,
              pit: { id: walk.pit, keep_alive: KEEP_ALIVE },
              size: walk.wanted(),
              sort: [...(search.sort ?? [{ _score: { order: "desc" } }]), { _shard_doc: { order: "asc" } }],
              ...(after !== undefined && { search_after: after }),
            },
            options,
          ),
      },
      signal,
    );
    checkWindow(page.answer, purpose);
    walk.take(page, purpose);
  } catch (thrown) {
    if (!isTooMuch(thrown)) throw thrown;
    if (walk.size === 1) walk.stop(`${purpose}: a line is too large to be read, those after it were left out`);
    walk.size = Math.max(1, Math.floor(walk.size / 5));
  }
}

/** A point in time that is left open costs memory and disk of the server; it is closed also when the caller gave up. */
async function close(elasticsearch: Elasticsearch, id: string): Promise<void> {
  const shape = z.unknown();
  const call = { purpose: "close the point in time", shape };
  await elasticsearch
    .ask(
      { ...call, call: (client, options) => client.closePointInTime({ id }, options) },
      AbortSignal.timeout(CLOSE_WITHIN),
    )
    .catch(() => undefined);
}

/** A signal that ends a little after another one. */
function lingering(signal: AbortSignal): AbortSignal {
  const controller = new AbortController();
  const end = (): void => controller.abort(signal.reason);
  if (signal.aborted) end();
  else signal.addEventListener("abort", () => setTimeout(end, CLOSE_WITHIN).unref(), { once: true });
  return controller.signal;
}
