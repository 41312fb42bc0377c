import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../src/lib/package.ts";

/**
 * The licences that production packages may have, by their SPDX ids: all let Watchkeeper be given away under
 * Apache-2.0. Those of `docs/dependencies.md` are the same, and of the common ones it names no package.
 */
const COMMON = ["MIT", "ISC", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0"] as const;
const ALLOWED = new Set<string>([...COMMON, "0BSD", "MIT-0", "PSF-2.0", "Unlicense"]);

interface Locked {
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly license?: string;
}

const read = (path: string): Promise<string> => readFile(join(packageRoot, path), "utf8");
const nameOf = (path: string): string => path.replace(/^.*node_modules\//, "");

const { packages } = JSON.parse(await read("package-lock.json")) as { packages: Readonly<Record<string, Locked>> };
const production = Object.entries(packages).filter(([path, { dev }]) => path !== "" && dev !== true);
const licences = await Promise.all(
  production.map(async ([path, locked]) => ({ name: nameOf(path), licence: await licenceOf(path, locked) })),
);

/** By the package itself, where it is installed; one for another platform has that of the package it belongs to. */
async function licenceOf(path: string, { license, optional }: Locked): Promise<string> {
  const own = `${path}/package.json`;
  if (existsSync(join(packageRoot, own))) {
    const manifest = JSON.parse(await read(own)) as { license?: string };
    return manifest.license ?? "none";
  }
  const owner = path.replace(/-(android|darwin|freebsd|linux|openharmony|win32)\b.*$/, "");
  return license ?? (optional === true && owner !== path ? packages[owner]?.license : undefined) ?? "none";
}

/**
 * Of an SPDX expression with OR, one is enough. Source:
 * https://spdx.github.io/spdx-spec/v3.0.1/annexes/spdx-license-expressions/
 */
const isAllowed = (expression: string): boolean =>
  expression
    .replace(/^\((.*)\)$/, "$1")
    .split(" OR ")
    .some((id) => ALLOWED.has(id));

describe("the licences of the production packages", () => {
  it("are all allowed", () => {
    expect(licences.length).toBeGreaterThan(200);
    expect(licences.filter(({ licence }) => !isAllowed(licence))).toEqual([]);
  });

  it.each(["GPL-3.0", "none", "UNLICENSED", "SEE LICENSE IN LICENSE", "(MIT AND GPL-2.0)", "(GPL-2.0 OR AGPL-3.0)"])(
    "would not be, were one %s",
    (licence) => expect(isAllowed(licence)).toBe(false),
  );

  it("are those of the page, with the packages that have a rare one", async () => {
    const page = await read("docs/dependencies.md");
    const rows = [...page.matchAll(/^\| `([^`]+)` +\| (.*) \|$/gm)].map(([, licence = "", users = ""]) => ({
      licence,
      users: [...users.matchAll(/`([^`]+)`/g)].map(([, name]) => name),
    }));
    const used = [...new Set(licences.map(({ licence }) => licence))].map((licence) => {
      const names = licences.filter((other) => other.licence === licence).map(({ name }) => name);
      return { licence, users: COMMON.some((common) => common === licence) ? [] : [...new Set(names)].toSorted() };
    });
    const byLicence = (a: { licence: string }, b: { licence: string }): number => (a.licence < b.licence ? -1 : 1);
    expect(rows.toSorted(byLicence)).toEqual(used.toSorted(byLicence));
  });
});
