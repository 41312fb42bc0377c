import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { packageRoot } from "../../src/lib/package.ts";

/** The folder of the compose stack. */
export const COMPOSE_FOLDER = join(packageRoot, "deploy/compose");

const secretUse = z.union([
  z.string().transform((source) => ({ source, target: `/run/secrets/${source}` })),
  z.strictObject({ source: z.string(), target: z.string() }),
]);

/** The owner's settings, as they are before they are changed: the page has the shipped ones copied. */
const SHIPPED = { SETTINGS: "." };

/** Source and target; the source is a path that begins with a dot, or the name of a volume. */
const mount = z.string().transform((text) => {
  const [source = "", target = "", mode] = interpolated(text, SHIPPED).split(":");
  return { source, target, isReadOnly: mode === "ro", isVolume: !source.startsWith(".") };
});

const service = z.strictObject({
  image: z.string(),
  build: z.strictObject({ context: z.string(), dockerfile: z.string() }).optional(),
  user: z.string(),
  init: z.boolean().optional(),
  restart: z.string(),
  read_only: z.boolean(),
  cap_drop: z.array(z.string()),
  security_opt: z.array(z.string()),
  pids_limit: z.number(),
  mem_limit: z.string(),
  entrypoint: z.array(z.string()).optional(),
  command: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.string()).default({}),
  depends_on: z.record(z.string(), z.strictObject({ condition: z.string() })).default({}),
  healthcheck: z.looseObject({ test: z.array(z.string()) }).optional(),
  logging: z.strictObject({ driver: z.string(), options: z.record(z.string(), z.string()) }),
  networks: z.array(z.string()),
  ports: z.array(z.string()).default([]),
  tmpfs: z.array(z.string()).default([]),
  volumes: z.array(mount).default([]),
  secrets: z.array(secretUse).default([]),
});

const composeFile = z.looseObject({
  name: z.string(),
  services: z.record(z.string(), service),
  networks: z.record(z.string(), z.looseObject({})),
  volumes: z.record(z.string(), z.strictObject({})),
  secrets: z.record(z.string(), z.strictObject({ file: z.string() })),
});

/** A service of the compose file. */
export type ComposeService = z.output<typeof service>;
/**
 * The compose file, with what its anchors stand for. Source:
 * https://github.com/compose-spec/compose-spec/blob/main/spec.md
 */
export type ComposeFile = z.output<typeof composeFile>;

/** Reads `compose.yaml`; throws for a key that nobody looks after. */
export const readComposeFile = (): ComposeFile =>
  composeFile.parse(parse(readFileSync(join(COMPOSE_FOLDER, "compose.yaml"), "utf8"), { merge: true }));

/** A service, or an error. */
export function composeService({ services }: ComposeFile, name: string): ComposeService {
  const found = services[name];
  if (found === undefined) throw new Error(`compose.yaml has no service ${name}`);
  return found;
}

/**
 * A value with its variables filled in: `${NAME:-default}`, `${NAME:?message}` and `$$`. Throws the message where a
 * required one is not set.
 */
export const interpolated = (text: string, env: Readonly<Record<string, string>>): string =>
  text.replaceAll(
    /\$(?:\$|\{(\w+)(?::-([^}]*)|:\?([^}]*))?\})/g,
    (_, name: string | undefined, otherwise: string | undefined, message: string | undefined) => {
      if (name === undefined) return "$";
      const value = env[name] ?? otherwise;
      if (value === undefined) throw new Error(`${name} ${message ?? "is not set"}`);
      return value;
    },
  );
