import { mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { packageRoot } from "../../src/lib/package.ts";
import type { Pack } from "../../src/core/pack.ts";
import { readAllPages, type CodeBlock } from "./read-docs.ts";

/** The folder of the pack that CONTRIBUTING.md builds. */
export const SHOWN_PACK = "src/collectors/syncthing";

/** A file that the page shows whole; its first line names it. */
export interface ShownFile {
  /** From the folder of the repository. */
  readonly path: string;
  readonly text: string;
}

const NAMED = /^(?:\/\/|#|<!--) ((?:src|test|alerts)\/\S+)(?: -->)?\n+/;

/** The files that CONTRIBUTING.md shows, in its order; of one that is shown again, the last counts. */
export async function readShownFiles(): Promise<readonly ShownFile[]> {
  const page = (await readAllPages()).find(({ path }) => path === "CONTRIBUTING.md");
  const files = (page?.blocks ?? []).flatMap(({ text }: CodeBlock): readonly (readonly [string, ShownFile])[] => {
    const [line = "", path] = NAMED.exec(text) ?? [];
    return path === undefined ? [] : [[path, { path, text: text.slice(line.length) }]];
  });
  return [...new Map(files).values()];
}

/** The pack, of files that were placed into the folder. */
export async function importShownPack(folder: string): Promise<Pack> {
  const { syncthingPack } = (await import(/* @vite-ignore */ join(folder, SHOWN_PACK, "pack.ts"))) as {
    readonly syncthingPack: Pack;
  };
  return syncthingPack;
}

/**
 * Writes the files into a folder that has all else of the repository by links, so that they are run as if they were in
 * it.
 */
export async function placeFiles(folder: string, files: readonly ShownFile[]): Promise<void> {
  for (const { path, text } of files) {
    await mkdir(join(folder, dirname(path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  await linkAllElse(folder, ["src", "src/lab", "test"]);
  for (const name of ["node_modules", "package.json", "tsconfig.json"])
    await symlink(join(packageRoot, name), join(folder, name));
}

async function linkAllElse(folder: string, rooms: readonly string[]): Promise<void> {
  for (const room of rooms) {
    const there = new Set(await readdir(join(folder, room)));
    for (const name of await readdir(join(packageRoot, room)))
      if (!there.has(name)) await symlink(join(packageRoot, room, name), join(folder, room, name));
  }
}
