import { X509Certificate } from "node:crypto";
import { DEFAULT_LISTEN } from "../core/default-address.ts";
import { seconds } from "../core/duration.ts";
import { ConfigError } from "../core/errors.ts";
import { createHttpClient } from "../lib/http/client.ts";
import type { HttpClient, HttpResponse } from "../lib/http/contract.ts";
import { loginHeaders, readAuthorities, type Login } from "../lib/http/login.ts";

/** How a command reaches a service that runs. */
export interface ServiceOptions {
  /** URL of the service; unless given that of `config`, and without that too the default one. */
  readonly url?: string | undefined;
  /** Configuration whose `server.listen` says where the service is, and whose certificate is its own. */
  readonly config?: string | undefined;
  /** PEM file of the authorities that may have signed its certificate. */
  readonly caFile?: string;
  readonly username?: string;
  readonly passwordFile?: string;
}

/** A service to ask. */
export interface RunningService {
  /** Asks for a path below the service's URL; throws `CollectError` for another status than 200 to 299. */
  get(path: string, accept?: string): Promise<HttpResponse>;
  close(): Promise<void>;
}

// below the time limit of the image's health check, so that there is time to say why
const DEADLINE = seconds(5);
/** Metrics of a hundred thousand series are some 20 MiB. */
const MOST_BYTES = 256 * 1024 * 1024;

/** Makes ready to ask; connects to nothing. Throws `ConfigError` for options that do not fit, naming the command. */
export async function openRunningService(options: ServiceOptions, command: string): Promise<RunningService> {
  const usage = (message: string): ConfigError => new ConfigError([{ file: command, path: "", message }]);
  const login = loginOf(options, usage);
  const { url, fingerprint } =
    options.url === undefined && options.config !== undefined
      ? await placeOf(options.config)
      : { url: baseUrl(options.url ?? `http://${DEFAULT_LISTEN}`, usage) };
  const ca = await readAuthorities(options.caFile);
  const client: HttpClient = createHttpClient({
    ca,
    ...(ca === undefined && fingerprint !== undefined && { fingerprint }),
    timeouts: { total: DEADLINE },
    maxBodyBytes: MOST_BYTES,
  });
  return {
    get: async (path, accept = "text/plain") =>
      client.request({ url: new URL(path, url), headers: { accept, ...(await loginHeaders(login)) } }),
    close: () => client.close(),
  };
}

type Usage = (message: string) => ConfigError;

function baseUrl(text: string, usage: Usage): URL {
  const base = URL.parse(text.endsWith("/") ? text : `${text}/`);
  if (base === null || !/^https?:$/.test(base.protocol))
    throw usage(`--url begins with http:// or https://, not ${text.replace(/\/\/.*@/, "//")}`);
  if (base.username !== "" || base.password !== "")
    throw usage("--url holds no user name and no password: they are given by --username and --password-file");
  return base;
}

/** Addresses that stand for all of the machine's. */
const ANY_HOST: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);

/** Where the service of a configuration listens, seen from its own machine. */
async function placeOf(file: string): Promise<{ readonly url: URL; readonly fingerprint?: string }> {
  const [{ loadConfig }, { kinds }, { loadWebConfig }] = await Promise.all([
    import("../config/load.ts"),
    import("./kinds.ts"),
    import("../server/web-config/load.ts"),
  ]);
  const { server } = await loadConfig({ file, ...kinds, env: process.env, withoutFiles: true });
  const { host, port } = server.listen;
  if (port === 0)
    throw new ConfigError([{ file, path: "server.listen", message: "leaves the port to the system: give --url" }]);
  const name = host === undefined || ANY_HOST.has(host) ? "127.0.0.1" : host.includes(":") ? `[${host}]` : host;
  const web = server.web_config_file === undefined ? undefined : await loadWebConfig(server.web_config_file);
  if (web?.tls === undefined) return { url: new URL(`http://${name}:${port}/`) };
  // it was made for the names that others use
  const fingerprint = new X509Certificate(web.tls.certificate).fingerprint256;
  return { url: new URL(`https://${name}:${port}/`), fingerprint };
}

function loginOf({ username, passwordFile }: ServiceOptions, usage: Usage): Login | undefined {
  if (username === undefined && passwordFile === undefined) return undefined;
  if (username === undefined || passwordFile === undefined)
    throw usage("--username and --password-file are given together or not at all");
  return { type: "basic", username, password: { value: undefined, file: passwordFile } };
}
