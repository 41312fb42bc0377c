import type { estypes } from "@elastic/elasticsearch";
import { searchShape, type SearchAnswer } from "./answers.ts";
import type { Asked, Elasticsearch } from "./client.ts";

/** What is searched for, and where. */
export interface IndexSearch extends Omit<estypes.SearchRequest, "index"> {
  /** For people, such as `lines over time`. */
  readonly purpose: string;
  readonly indices: readonly string[];
}

/** Searches indices of which some may be gone, or not be there yet. Rejects with `CollectError`. */
export const searchIndices = (
  elasticsearch: Elasticsearch,
  { purpose, indices, ...asked }: IndexSearch,
  signal: AbortSignal,
): Promise<Asked<SearchAnswer>> =>
  elasticsearch.ask(
    {
      purpose,
      shape: searchShape,
      call: (client, options) =>
        client.search({ index: [...indices], ignore_unavailable: true, allow_no_indices: true, ...asked }, options),
    },
    signal,
  );
