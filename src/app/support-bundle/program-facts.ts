import { readFile } from "node:fs/promises";
import { findPackageJSON } from "node:module";
import { arch, cpus, platform, release, totalmem } from "node:os";
import { join } from "node:path";
import { packageRoot, version } from "../../lib/package.ts";
import { isMapping } from "../../lib/documents/values.ts";

/** What runs, and on what; a kernel's own name is left out, and the machine's of course. */
export const programFacts = (): Readonly<Record<string, string | number>> => ({
  watchkeeper: version,
  node: process.version,
  system: platform(),
  kernel: /^\d+(?:\.\d+)*/.exec(release())?.[0] ?? "unknown",
  architecture: arch(),
  processors: cpus().length,
  memory_mib: Math.round(totalmem() / 1024 / 1024),
  openssl: process.versions.openssl,
});

/** The packages that Watchkeeper asks for, with the versions that are installed. */
export async function packageVersions(): Promise<Readonly<Record<string, string>>> {
  const manifest = await readManifest(join(packageRoot, "package.json"));
  const { dependencies } = manifest;
  const names = isMapping(dependencies) ? Object.keys(dependencies) : [];
  const found = names.map(async (name): Promise<[string, string]> => {
    const file = findPackageJSON(name, join(packageRoot, "package.json"));
    const installed = file === undefined ? {} : await readManifest(file);
    return [name, typeof installed["version"] === "string" ? installed["version"] : "not found"];
  });
  return Object.fromEntries(await Promise.all(found));
}

async function readManifest(file: string): Promise<Readonly<Record<string, unknown>>> {
  const manifest: unknown = JSON.parse(await readFile(file, "utf8"));
  return isMapping(manifest) ? manifest : {};
}
