import { seconds } from "../core/duration.ts";
import { createHttpClient, type HttpClient, type HttpRequest } from "../lib/http/client.ts";
import { loginHeaders, readAuthorities, type Login } from "../lib/http/login.ts";
import type { PrometheusTarget } from "../lib/prometheus/query-range.ts";

/** A Prometheus as the configuration or the command line names it. */
export interface PrometheusSettings {
  /** Without a final slash. */
  readonly url: string;
  readonly caFile?: string | undefined;
  readonly login?: Login | undefined;
  /** Of Mimir. */
  readonly tenant?: string | undefined;
}

/** A Prometheus that can be asked, until it is closed. */
export interface OpenPrometheus {
  readonly target: PrometheusTarget;
  close(): Promise<void>;
}

/** A month of raw data takes a server a while. */
const TIMEOUTS = { connect: seconds(5), headers: seconds(60), total: seconds(90) };

/** Opens it; a credential's file is read anew at each request. Throws `CollectError` when `caFile` can not be used. */
export async function openPrometheus({ url, caFile, login, tenant }: PrometheusSettings): Promise<OpenPrometheus> {
  const inner = createHttpClient({ ca: await readAuthorities(caFile), timeouts: TIMEOUTS });
  const client = login === undefined ? inner : loggedIn(inner, login);
  const headers = tenant === undefined ? undefined : { "x-scope-orgid": tenant };
  return { target: { client, url, headers }, close: () => inner.close() };
}

function loggedIn(inner: HttpClient, login: Login): HttpClient {
  const complete = async (request: HttpRequest): Promise<HttpRequest> => ({
    ...request,
    headers: { ...request.headers, ...(await loginHeaders(login)) },
  });
  return {
    request: async (request) => inner.request(await complete(request)),
    requestBytes: async (request) => inner.requestBytes(await complete(request)),
    requestJson: async (request) => inner.requestJson(await complete(request)),
    close: () => inner.close(),
  };
}
