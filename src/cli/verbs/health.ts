import { seconds } from "../../core/duration.ts";
import { ConfigError } from "../../core/errors.ts";
import { createHttpClient } from "../../lib/http/client.ts";
import { loginHeaders, readAuthorities, type Login } from "../../lib/http/login.ts";

/** What `watchkeeper health` is asked. */
export interface HealthOptions {
  /** URL of the service; the path of its health is added. */
  readonly url: string;
  /** PEM file of the authorities that may have signed its certificate. */
  readonly caFile?: string;
  readonly username?: string;
  readonly passwordFile?: string;
}

// below the time limit of the image's health check, so that there is time to say why
const DEADLINE = seconds(5);

/**
 * Asks a running service whether it is alive, and prints its answer. Throws `ConfigError` for options that do not fit, and
 * `CollectError` when it does not answer, or with another status than 200 to 299.
 */
export async function health(options: HealthOptions): Promise<void> {
  const url = healthUrl(options.url);
  const headers = await loginHeaders(loginOf(options));
  const client = createHttpClient({ ca: await readAuthorities(options.caFile), timeouts: { total: DEADLINE } });
  try {
    const { text } = await client.request({ url, headers: { accept: "text/plain", ...headers } });
    process.stdout.write(`${text.trim()}\n`);
  } finally {
    await client.close();
  }
}

function healthUrl(text: string): URL {
  const base = URL.parse(text.endsWith("/") ? text : `${text}/`);
  if (base === null || !/^https?:$/.test(base.protocol))
    throw usage(`--url begins with http:// or https://, not ${text.replace(/\/\/.*@/, "//")}`);
  if (base.username !== "" || base.password !== "")
    throw usage("--url holds no user name and no password: they are given by --username and --password-file");
  return new URL("-/healthy", base);
}

function loginOf({ username, passwordFile }: HealthOptions): Login | undefined {
  if (username === undefined && passwordFile === undefined) return undefined;
  if (username === undefined || passwordFile === undefined)
    throw usage("--username and --password-file are given together or not at all");
  return { type: "basic", username, password: { value: undefined, file: passwordFile } };
}

const usage = (message: string): ConfigError => new ConfigError([{ file: "health", path: "", message }]);
