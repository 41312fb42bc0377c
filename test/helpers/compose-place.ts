import { cp, mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { composeService, COMPOSE_FOLDER, interpolated, type ComposeFile, type ComposeService } from "./compose-file.ts";

/** How services are placed into a folder of a test. */
export interface PlaceOptions {
  readonly folder: string;
  /** The ports of 127.0.0.1 that take the place of `<service>:<port>`. */
  readonly ports: Readonly<Record<string, number>>;
  /** Other text to replace in the files: each must be in one of them. */
  readonly texts: readonly (readonly [from: string, to: string])[];
  /** The content of the secrets' files. */
  readonly secrets: Readonly<Record<string, string>>;
  /** What `.env` would hold. */
  readonly env: Readonly<Record<string, string>>;
}

/** A service whose files lie in a folder as they would in its container. */
export interface PlacedService {
  /** What is `/` in the container. */
  readonly root: string;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Services, and each line of their files that is not as it stands in the repository. */
export interface PlacedServices<S extends string> {
  readonly services: Readonly<Record<S, PlacedService>>;
  /** `<path>: <before> -> <after>`, sorted; paths are written with what they are in the container. */
  readonly changes: readonly string[];
}

/**
 * Copies what services mount into a folder for each, so that they can be started without a container. Their files and
 * command lines are those of the repository, but for what stands for other hosts, for paths, and for the texts that are
 * given.
 */
export async function placeServices<S extends string>(
  file: ComposeFile,
  names: readonly S[],
  options: PlaceOptions,
): Promise<PlacedServices<S>> {
  const used = new Set<string>();
  const changes: string[] = [];
  const placed = await Promise.all(
    names.map(
      async (name) => [name, await placeService(name, composeService(file, name), options, used, changes)] as const,
    ),
  );
  const unused = [...Object.keys(options.ports), ...options.texts.map(([from]) => from)].filter(
    (one) => !used.has(one),
  );
  if (unused.length > 0)
    throw new Error(`nothing to replace in the files of ${names.join(", ")}: ${unused.join(", ")}`);
  return {
    services: Object.fromEntries(placed) as Record<S, PlacedService>,
    changes: [...new Set(changes)].toSorted(),
  };
}

async function placeService(
  name: string,
  service: ComposeService,
  options: PlaceOptions,
  used: Set<string>,
  changes: string[],
): Promise<PlacedService> {
  const root = join(options.folder, name);
  const targets = [...service.volumes, ...service.secrets].map(({ target }) => target);
  const paths = new RegExp(String.raw`(?<![\w./-])(${targets.join("|")})(?![\w-])`, "g");
  const local = (text: string): string =>
    replaced(text, options, used).replaceAll(paths, (target) => join(root, target));
  for (const { source, target, isVolume } of service.volumes) {
    const place = join(root, target);
    await mkdir(dirname(place), { recursive: true });
    if (isVolume) {
      const volume = join(options.folder, "volumes", source);
      await mkdir(volume, { recursive: true });
      await symlink(volume, place);
    } else await copyFiles(join(COMPOSE_FOLDER, source), place, { local, root, changes });
  }
  for (const { source, target } of service.secrets) {
    const secret = options.secrets[source];
    if (secret === undefined) throw new Error(`the secret ${source} of ${name} is not given`);
    await mkdir(dirname(join(root, target)), { recursive: true });
    await writeFile(join(root, target), secret);
  }
  const filled = (text: string): string => interpolated(text, options.env);
  return {
    root,
    entrypoint: (service.entrypoint ?? []).map((text) => local(filled(text))),
    command: service.command.map((text) => local(filled(text))),
    env: Object.fromEntries(Object.entries(service.environment).map(([key, value]) => [key, filled(value)])),
  };
}

function replaced(text: string, { ports, texts }: PlaceOptions, used: Set<string>): string {
  const pairs = [...Object.entries(ports).map(([host, port]) => [host, `127.0.0.1:${port}`] as const), ...texts];
  return pairs.reduce((changed, [from, to]) => {
    if (changed.includes(from)) used.add(from);
    return changed.replaceAll(from, to);
  }, text);
}

interface Copying {
  readonly local: (text: string) => string;
  readonly root: string;
  readonly changes: string[];
}

/** Files of the stack itself are changed where they must be; those of other folders are taken as they are. */
async function copyFiles(source: string, place: string, copying: Copying): Promise<void> {
  if (!source.startsWith(COMPOSE_FOLDER)) return cp(source, place, { recursive: true });
  if ((await stat(source)).isDirectory()) {
    await mkdir(place, { recursive: true });
    for (const name of await readdir(source)) await copyFiles(join(source, name), join(place, name), copying);
    return undefined;
  }
  const before = await readFile(source, "utf8");
  const after = copying.local(before);
  await writeFile(place, after);
  const lines = after.split("\n");
  for (const [i, line] of before.split("\n").entries()) {
    const other = (lines[i] ?? "").replaceAll(copying.root, "<root>").replaceAll(/127\.0\.0\.1:\d+/g, "<local>");
    if (lines[i] !== line)
      copying.changes.push(`${relative(COMPOSE_FOLDER, source)}: ${line.trim()} -> ${other.trim()}`);
  }
  return undefined;
}
