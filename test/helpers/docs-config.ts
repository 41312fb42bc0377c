import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createAuthority } from "../../src/lab/certificates.ts";
import { printYaml } from "../../src/lib/yaml.ts";
import type { Settings, Snippet } from "./docs-snippets.ts";

/** A configuration of Watchkeeper, or a part of one, as it is written. */
export interface ConfigPart extends Settings {
  readonly targets?: Readonly<Record<string, readonly Settings[]>>;
  readonly prometheus?: Settings;
  readonly evidence?: Settings;
  readonly alerting?: Settings & {
    readonly sources?: readonly Settings[];
    readonly destinations?: readonly Settings[];
  };
}

/** What snippets say of Watchkeeper's configuration, put together: lists entry by entry, by their names. */
export const configOf = (snippets: readonly Snippet[]): ConfigPart =>
  snippets
    .filter(({ kind }) => kind === "watchkeeper")
    .map(asPart)
    .reduce((whole, part) => joined(whole, part) as ConfigPart, {});

function asPart({ list, value }: Snippet): ConfigPart {
  if (Object.hasOwn(value, "type")) return { alerting: { destinations: list ?? [value] } };
  if (!Object.hasOwn(value, "auth")) return value;
  return { targets: { vault: [{ name: "vault", nodes: ["https://vault.example.org:8200"], ...value }] } };
}

const isSettings = (value: unknown): value is Settings =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function joined(one: unknown, other: unknown): unknown {
  if (Array.isArray(one) && Array.isArray(other)) {
    const entries = new Map<unknown, unknown>();
    for (const entry of [...one, ...other] as unknown[]) {
      const key = isSettings(entry) && Object.hasOwn(entry, "name") ? entry["name"] : entry;
      entries.set(key, entries.has(key) ? joined(entries.get(key), entry) : entry);
    }
    return [...entries.values()];
  }
  if (!isSettings(one) || !isSettings(other)) return other;
  const changed = Object.entries(other).map(([key, value]) => [key, key in one ? joined(one[key], value) : value]);
  return { ...one, ...Object.fromEntries(changed) };
}

/** Adds what `alerting` lacks. Nothing is changed when it has sources, destinations and a route: then it is whole. */
export function completed({ alerting, ...config }: ConfigPart): ConfigPart {
  if (alerting === undefined) return config;
  if (["sources", "destinations", "route"].every((key) => Object.hasOwn(alerting, key))) return { ...config, alerting };
  const { sources = [{ name: "main" }], destinations = [{ name: "any", type: "webhook", url_file: "url" }] } = alerting;
  const credentials = [{ type: "bearer", token_file: "token" }];
  const route = { destinations: destinations.map(({ name }) => name) };
  const complete = { sources: sources.map((source) => ({ credentials, ...source })), destinations };
  return { ...config, alerting: { route, ...alerting, ...complete } };
}

const TOKEN = "0123456789abcdef".repeat(2);
const URL = "https://hook.example.org/planted";

/**
 * Writes `watchkeeper.yaml` and the files that it names into a folder, whatever folder they are in by their path. Gives
 * the path, and the variables that it refers to.
 */
export async function placeConfig(
  folder: string,
  config: ConfigPart,
): Promise<{ readonly file: string; readonly env: Readonly<Record<string, string>> }> {
  const files: string[] = [];
  const text = JSON.stringify(config, (key, value: unknown) => {
    if (!key.endsWith("_file") || typeof value !== "string") return value;
    files.push(value);
    return value.replace(/^\//, "");
  });
  const { certificatePem } = await createAuthority();
  for (const file of files) {
    const path = join(folder, file);
    await mkdir(dirname(path), { recursive: true });
    // one that is there is the right one
    if (existsSync(path)) continue;
    await writeFile(path, /\.(?:pem|crt)$/.test(file) ? certificatePem : file.endsWith("url") ? URL : TOKEN, {
      mode: 0o600,
    });
  }
  const file = join(folder, "watchkeeper.yaml");
  await writeFile(file, printYaml(JSON.parse(text)));
  return { file, env: Object.fromEntries([...text.matchAll(/\$\{(\w+)\}/g)].map(([, name = ""]) => [name, URL])) };
}
