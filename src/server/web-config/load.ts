import { createHash } from "node:crypto";
import { ConfigError, type ConfigFault } from "../../core/errors.ts";
import { shapeReader } from "../../lib/documents/shape-reader.ts";
import type { PathFault } from "../../lib/documents/values.ts";
import { nearestPlace, parseYaml } from "../../lib/yaml.ts";
import { FileError, readTextFile } from "./read-file.ts";
import { webConfigSchema } from "./schema.ts";
import { loadTls } from "./load-tls.ts";
import type { WebConfig } from "./web-config.ts";

const readSettings = shapeReader(webConfigSchema);

/**
 * Reads a file in Prometheus' `web.config.file` format and every file that it names; relative paths start at its
 * folder. Throws `ConfigError` with each fault's place when Watchkeeper could not do all that it asks: an unknown key,
 * a certificate without its key, HTTP/2. A file of comments, or `{}`, asks for nothing.
 */
export async function loadWebConfig(file: string): Promise<WebConfig> {
  const text = await readTextFile(file).catch((error: unknown) => {
    if (!(error instanceof FileError)) throw error;
    throw new ConfigError([{ file, path: "", message: error.message }]);
  });
  if (text.trim() === "") throw new ConfigError([{ file, path: "", message: EMPTY }]);
  const source = parseYaml(text, file);
  if (source.faults.length > 0) throw new ConfigError(source.faults);
  const read = readSettings(source.value ?? {});
  const placed = ({ path, key, message }: PathFault): ConfigFault => ({
    file,
    ...nearestPlace(source, path, key),
    path: path.join("."),
    message,
  });
  const fail = (faults: readonly PathFault[]): never => {
    throw new ConfigError(faults.map(placed).toSorted(byPlace));
  };
  if ("faults" in read) return fail(read.faults);

  const { tls_server_config, http_server_config, basic_auth_users, rate_limit } = read.data;
  const tls = tls_server_config ? await loadTls(tls_server_config, file) : undefined;
  if (tls && "faults" in tls) return fail(tls.faults);
  return {
    file,
    digest: digestOf([text, ...(tls?.texts ?? [])]),
    tls: tls?.settings,
    headers: withoutBlanks(http_server_config?.headers ?? {}),
    users: basic_auth_users ?? new Map(),
    rateLimit: rate_limit && rate_limit.interval > 0 ? rate_limit : undefined,
  };
}

/** A file that was cut off must not switch authentication off. */
const EMPTY = "is empty: write `{}` where neither TLS nor authentication is wanted";

const byPlace = (a: ConfigFault, b: ConfigFault): number =>
  (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);

/** The lengths keep apart what would be the same text when joined. */
function digestOf(texts: readonly string[]): string {
  const hash = createHash("sha256");
  for (const text of texts) hash.update(`${text.length}:`).update(text);
  return hash.digest("hex");
}

function withoutBlanks(headers: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter((entry): entry is [string, string] => Boolean(entry[1])));
}
