import { readFile } from "node:fs/promises";
import { z } from "zod";
import { seconds, type Duration } from "../../../core/duration.ts";
import { CollectError } from "../../../core/errors.ts";
import { parseJson } from "../../../lib/http/body.ts";
import { createHttpClient, HttpStatusError, type HttpClient } from "../../../lib/http/client.ts";
import { createRpcClient } from "../../../lib/json-rpc/client.ts";
import type { RpcClient, RpcEndpoint, RpcPace } from "../../../lib/json-rpc/contract.ts";
import { ddpWire } from "../../../lib/json-rpc/ddp-wire.ts";
import { jsonRpcWire } from "../../../lib/json-rpc/json-rpc-wire.ts";
import { readShape } from "../../../lib/answers/read-shape.ts";
import type { MemoryKey, TrueNasCall, TrueNasClient } from "../client.ts";
import type { TrueNasConfig } from "../config.ts";
import { inServerWords, isSessionLost } from "./errors.ts";
import { LatestEvents } from "./latest-events.ts";
import { login } from "./login.ts";
import { chooseVersion, WITHOUT_VERSIONS, type ChosenVersion } from "./offered-versions.ts";
import { WatchedResults } from "./watched.ts";

/** For the call's own deadline. */
const PATIENCE = seconds(15);

const versionsShape = z.array(z.string());

/**
 * Makes what the parts of one server share; nothing is sent before the first call. `pace` is for tests. Throws
 * `CollectError` when the file of the authority can not be used.
 */
export async function createTrueNasClient(config: TrueNasConfig, pace: Partial<RpcPace> = {}): Promise<TrueNasClient> {
  const { ca_file: caFile, fingerprint, server_name: serverName } = config;
  const tls = {
    ...(caFile !== undefined && { ca: await readFile(caFile, "utf8") }),
    ...(fingerprint !== undefined && { fingerprint }),
    ...(serverName !== undefined && { serverName }),
  };
  return new Session(config, createHttpClient({ ...tls, timeouts: { connect: seconds(5) }, retries: 0 }), tls, pace);
}

class Session implements TrueNasClient {
  readonly config: TrueNasConfig;
  readonly #host: string;
  readonly #http: HttpClient;
  readonly #rpc: RpcClient;
  readonly #watched: WatchedResults;
  readonly #latest: LatestEvents;
  readonly #memory = new Map<MemoryKey<object>, object>();
  /** Of the newest socket. */
  #chosen: ChosenVersion | undefined;

  constructor(config: TrueNasConfig, http: HttpClient, tls: object, pace: Partial<RpcPace>) {
    this.config = config;
    this.#host = new URL(config.url).host;
    this.#http = http;
    this.#rpc = createRpcClient({
      ...tls,
      pace,
      locate: (signal) => this.#locate(signal),
      login: (call) => login({ call, config, dialect: (this.#chosen ?? WITHOUT_VERSIONS).dialect, host: this.#host }),
      isSessionLost,
    });
    this.#watched = new WatchedResults(this.#rpc, (call) => this.#ask(call));
    this.#latest = new LatestEvents(this.#rpc);
  }

  get stats(): TrueNasClient["stats"] {
    return this.#rpc.stats;
  }

  async call<T>(call: TrueNasCall<T>): Promise<T> {
    return this.#read(call, await this.#ask(call));
  }

  async api(signal: AbortSignal): ReturnType<TrueNasClient["api"]> {
    await this.#rpc.open({ signal, timeout: PATIENCE });
    const { dialect, version, newer } = this.#chosen ?? WITHOUT_VERSIONS;
    return { dialect, apiVersion: version ?? `v${dialect.release}`, ...(newer !== undefined && { newer }) };
  }

  watched<T>(call: TrueNasCall<T>, event: string, resync: Duration): Promise<T> {
    return this.#watched.get(call, { event, resync, parse: (result) => this.#read(call, result) });
  }

  latest(event: string): ReturnType<TrueNasClient["latest"]> {
    return this.#latest.of(event);
  }

  memory<M extends object>(key: MemoryKey<M>): M {
    const known = this.#memory.get(key) as M | undefined;
    if (known !== undefined) return known;
    const made = key.create();
    this.#memory.set(key, made);
    return made;
  }

  async close(): Promise<void> {
    await Promise.all([this.#rpc.close(), this.#http.close()]);
  }

  async #ask({ method, params = [], signal, timeout = PATIENCE }: Asked): Promise<unknown> {
    try {
      return await this.#rpc.call({ method, params, timeout, signal });
    } catch (thrown) {
      throw inServerWords(thrown, method, this.#host);
    }
  }

  #read<T>({ shape, method }: TrueNasCall<T>, result: unknown): T {
    return readShape(shape, result, `${method} on ${this.#host}`);
  }

  /**
   * TrueNAS may have been upgraded since the last socket, so that each begins with this question, which needs no login.
   */
  async #locate(signal: AbortSignal): Promise<RpcEndpoint> {
    this.#chosen = await this.#choose(signal);
    const { dialect, version } = this.#chosen;
    const server = `wss://${this.#host}`;
    return dialect.wire === "ddp"
      ? { url: `${server}/websocket`, wire: ddpWire }
      : { url: `${server}/api/${version}`, wire: jsonRpcWire };
  }

  async #choose(signal: AbortSignal): Promise<ChosenVersion> {
    const url = `${this.config.url}/api/versions`;
    const offered = await this.#offered(url, signal);
    if (offered === undefined) {
      // a proxy in front of a server that is just starting; a release does not lose its versions
      if (this.#chosen?.version !== undefined)
        throw new CollectError("not_found", `GET ${url}: it is not there any more; the server may be starting`);
      return WITHOUT_VERSIONS;
    }
    const chosen = chooseVersion(offered);
    if (chosen !== undefined) return chosen;
    throw new CollectError("unexpected_shape", `GET ${url}: it lists no version of the API`);
  }

  /** Undefined for a release that has no versions: it answers 404, or leads to its web interface. */
  async #offered(url: string, signal: AbortSignal): Promise<readonly string[] | undefined> {
    try {
      const response = await this.#http.request({ url, signal, accept: isAnswer });
      const { location } = response.headers;
      if (response.status !== 200) return withoutVersions(url, location);
      if (String(response.headers["content-type"]).startsWith("text/html")) return undefined;
      return readShape(versionsShape, parseJson(response, `GET ${url}`), `GET ${url}`);
    } catch (thrown) {
      if (thrown instanceof HttpStatusError && thrown.status === 404) return undefined;
      throw thrown;
    }
  }
}

const isAnswer = (status: number): boolean => status === 200 || (status >= 300 && status <= 399);

function withoutVersions(url: string, location: string | string[] | undefined): undefined {
  const { origin } = new URL(url);
  const target = URL.parse(String(location), url)?.origin;
  if (target === origin) return undefined;
  throw new CollectError(
    "unexpected_status",
    `GET ${url}: it leads to ${target ?? "nowhere"}, where the key is not sent`,
  );
}

interface Asked extends Omit<TrueNasCall<unknown>, "shape" | "signal"> {
  readonly signal?: AbortSignal;
}
