import type { z } from "zod";
import type { Secret } from "../../core/secret.ts";
import type { HttpClient } from "../http/client.ts";
import { readShape } from "../answers/read-shape.ts";

/** Where a Prometheus, or what speaks as one, is asked. */
export interface PrometheusTarget {
  readonly client: HttpClient;
  /** Up to what comes before `/api/v1`, without a final slash. */
  readonly url: string;
  /** Such as `authorization` or Mimir's tenant. */
  readonly headers?: Readonly<Record<string, string | Secret>> | undefined;
}

/** What is asked below `/api/v1/`, such as `query`. */
export interface PrometheusRequest {
  readonly path: string;
  /** Names may stand more than once, such as `match[]`. */
  readonly search: URLSearchParams;
}

/** Longer ones go by POST, which proxies do not cut. */
const MOST_URL = 4_000;
/** The paths that take a form. Source: https://prometheus.io/docs/prometheus/latest/querying/api/ */
const TAKES_FORM: ReadonlySet<string> = new Set(["query", "query_range", "query_exemplars", "series", "labels"]);

/**
 * Asks the HTTP API of a Prometheus and reads the answer by a shape. Throws `CollectError`, and `HttpStatusError` with
 * the server's words about what it refuses.
 */
export async function askPrometheus<T>(
  { client, url, headers }: PrometheusTarget,
  { path, search }: PrometheusRequest,
  shape: z.ZodType<T>,
  options: { readonly maxBodyBytes?: number; readonly signal?: AbortSignal | undefined } = {},
): Promise<T> {
  const where = `${url}/api/v1/${path}`;
  const form = search.toString();
  const isLong = form.length > MOST_URL && TAKES_FORM.has(path);
  const { maxBodyBytes, signal } = options;
  const { body } = await client.requestJson({
    ...(isLong ? { method: "POST", url: where, text: form } : { url: form === "" ? where : `${where}?${form}` }),
    ...(isLong ? { headers: { ...headers, "content-type": FORM } } : headers !== undefined && { headers }),
    ...(maxBodyBytes !== undefined && { maxBodyBytes }),
    ...(signal !== undefined && { signal }),
  });
  return readShape(shape, body, `${isLong ? "POST" : "GET"} ${where}`);
}

const FORM = "application/x-www-form-urlencoded";
