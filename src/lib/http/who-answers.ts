import { seconds } from "../../core/duration.ts";
import { CollectError, type CollectReason } from "../../core/errors.ts";
import type { Secret } from "../../core/secret.ts";
import { firstOf } from "./body.ts";
import type { HttpClient, HttpResponse } from "./client.ts";

/** What is told apart. What speaks as Prometheus counts as one. */
export type ServerKind = "Elasticsearch" | "OpenSearch" | "Prometheus" | "Tempo" | "Jaeger" | "Grafana";

/** A server, as it is asked for what it should be. */
interface AskedServer {
  readonly client: HttpClient;
  /** Without a final slash. */
  readonly url: string;
  readonly headers?: (() => Promise<Readonly<Record<string, string | Secret>>>) | undefined;
}

/** Names strangers. */
export interface StrangerNames {
  /**
   * Does some work; where it fails as it would with another kind of server, and one answers, rejects with `not_found`,
   * its name and what failed.
   */
  naming<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T>;
}

/** Failures that another kind of server gives, which has not the paths, or other answers there. */
const OF_STRANGERS: ReadonlySet<CollectReason> = new Set<CollectReason>([
  "not_found",
  "unexpected_status",
  "unexpected_shape",
  "invalid_response",
  "unauthorized",
  "forbidden",
]);

const LOOK_WITHIN = seconds(3);
const KEPT_MS = 30_000;
const MOST_BYTES = 256 * 1024;

/**
 * Says of failures that another kind of server answers at the address than the `wanted` one: addresses are easily mixed
 * up, and a 404 does not tell that. `isOwn` are failures that only the wanted kind gives.
 */
export function nameStrangers(
  wanted: ServerKind,
  servers: readonly AskedServer[],
  isOwn: (error: CollectError) => boolean = () => false,
): StrangerNames {
  let kept: { readonly found: Promise<string | undefined>; readonly until: number } | undefined;
  return {
    async naming(work, signal) {
      try {
        return await work();
      } catch (thrown) {
        if (!(thrown instanceof CollectError) || !OF_STRANGERS.has(thrown.reason) || isOwn(thrown)) throw thrown;
        if (signal.aborted) throw thrown;
        if (kept === undefined || performance.now() > kept.until)
          kept = { found: findStranger(wanted, servers), until: performance.now() + KEPT_MS };
        const said = await kept.found;
        throw said === undefined
          ? thrown
          : new CollectError("not_found", `${said} (${thrown.message})`, { cause: thrown });
      }
    },
  };
}

async function findStranger(wanted: ServerKind, servers: readonly AskedServer[]): Promise<string | undefined> {
  const found = await Promise.all(
    servers.map(async (server) => {
      const all = await whoAnswers(server);
      const [who] = all;
      // several may be behind one gateway
      if (who === undefined || all.some(({ kind }) => kind === wanted)) return undefined;
      return `${server.url}: this is no ${wanted}: it answered as ${who.kind}${who.version === "" ? "" : ` ${who.version}`}`;
    }),
  );
  return found.find((one) => one !== undefined);
}

interface Answerer {
  readonly kind: ServerKind;
  /** Empty where it does not say. */
  readonly version: string;
}

/** Where each kind says what it is, and how that looks. */
const SIGNS: readonly (readonly [path: string, read: (body: Fields, answer: HttpResponse) => Answerer | undefined])[] =
  [
    ["/", readRoot],
    [
      "/api/v1/status/buildinfo",
      ({ status, data }) => (status === "success" ? told("Prometheus", fieldsOf(data)) : undefined),
    ],
    ["/api/status/buildinfo", (body) => ("revision" in body && "goVersion" in body ? told("Tempo", body) : undefined)],
    // of v3 nothing is left where there are none yet
    [
      "/api/services",
      (body) => (["data", "total", "errors"].every((key) => key in body) ? told("Jaeger", {}) : undefined),
    ],
    ["/api/health", (body) => ("database" in body && "version" in body ? told("Grafana", body) : undefined)],
  ];

/** Empty for what is none of those that are known. */
async function whoAnswers({ client, url, headers }: AskedServer): Promise<readonly Answerer[]> {
  const signal = AbortSignal.timeout(LOOK_WITHIN);
  const given = await headers?.().catch(() => undefined);
  const looks = SIGNS.map(async ([path, read]) => {
    const answer = await client
      .request({
        url: `${url}${path}`,
        ...(given !== undefined && { headers: given }),
        accept: () => true,
        signal,
        maxBodyBytes: MOST_BYTES,
      })
      .catch(() => undefined);
    return answer && read(bodyOf(answer), answer);
  });
  return (await Promise.all(looks)).filter((one) => one !== undefined);
}

function readRoot(body: Fields, { headers }: HttpResponse): Answerer | undefined {
  const version = fieldsOf(body["version"]);
  if (version["distribution"] === "opensearch") return told("OpenSearch", { version: version["number"] });
  const isNamed = firstOf(headers["x-elastic-product"]) === "Elasticsearch";
  return isNamed ? told("Elasticsearch", { version: version["number"] }) : undefined;
}

type Fields = Readonly<Record<string, unknown>>;

function told(kind: ServerKind, { version }: Fields): Answerer {
  const isPlain = typeof version === "string" && /^[\w.+-]{1,40}$/.test(version);
  return { kind, version: isPlain ? version : "" };
}

function bodyOf({ status, text }: HttpResponse): Fields {
  if (status !== 200) return {};
  try {
    return fieldsOf(JSON.parse(text));
  } catch {
    return {};
  }
}

const fieldsOf = (value: unknown): Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
