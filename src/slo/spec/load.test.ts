import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formatConfigFault } from "../../core/errors.ts";
import type { SloFinding } from "../model.ts";
import { WINDOW } from "./defaults.ts";
import { loadSlos } from "./load.ts";
import { ownFormat } from "./own-reader.ts";
import { slothFormats } from "./sloth-reader.ts";

const load = (...paths: readonly string[]) => loadSlos(paths, [ownFormat, ...slothFormats(WINDOW)]);

const line = ({ check, severity, source: { file, line, column }, path, message }: SloFinding, place: string): string =>
  `${formatConfigFault({ file, line, column, path, message }).replaceAll(`${place}/`, "")} [${severity} ${check}]\n`;

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "watchkeeper-slo-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("bad specifications", () => {
  const bad = join(import.meta.dirname, "__fixtures__/bad");
  const names = readdirSync(bad).flatMap((name) => (name.endsWith(".yaml") ? [name.slice(0, -".yaml".length)] : []));

  it.each(names)("%s", async (name) => {
    const { slos, findings } = await load(join(bad, `${name}.yaml`));
    const read = `read: ${slos.map(({ id }) => id).join(", ") || "none"}\n`;
    const text = findings.map((one) => line(one, bad)).join("") + read;
    await expect(text).toMatchFileSnapshot(join(bad, `${name}.txt`));
  });
});

const OWN = (service: string, ...names: readonly string[]) =>
  `version: watchkeeper/v1\nservice: ${service}\nslos:\n${names
    .map((name) => `  - { name: ${name}, objective: 99, sli: { up: { metric: up } } }\n`)
    .join("")}`;

describe("where specifications come from", () => {
  it("reads files, folders with all below them and patterns, each file once, in this order", async () => {
    await mkdir(join(folder, "all/deep"), { recursive: true });
    await writeFile(join(folder, "all/b.yaml"), OWN("b", "x", "y"));
    await writeFile(join(folder, "all/deep/a.yml"), OWN("a", "x"));
    await writeFile(join(folder, "all/notes.txt"), "no YAML: [");
    await writeFile(join(folder, "z.yaml"), OWN("z", "x"));
    const { slos, findings } = await load(join(folder, "z*.yaml"), join(folder, "all"), join(folder, "all/b.yaml"));
    expect(findings).toEqual([]);
    expect(slos.map(({ id }) => id)).toEqual(["z-x", "b-x", "b-y", "a-x"]);
  });

  it("says what can not be read", async () => {
    await writeFile(join(folder, "latin.yaml"), Buffer.from([0x61, 0xe4, 0x0a]));
    await mkdir(join(folder, "empty"));
    const { findings } = await load(
      ...["gone.yaml", "gone*.yaml", "empty", "latin.yaml"].map((name) => join(folder, name)),
    );
    expect(findings.map((one) => line(one, folder))).toEqual([
      "gone.yaml:1:1: cannot be read: no such file or folder [error file]\n",
      "gone*.yaml:1:1: matches no file [error file]\n",
      "empty:1:1: holds no YAML file [error file]\n",
      "latin.yaml:1:1: is not UTF-8 text: save the file as UTF-8 [error file]\n",
    ]);
  });

  it("keeps the first of two with one id and tells both places", async () => {
    await writeFile(join(folder, "one.yaml"), OWN("twice", "x"));
    await writeFile(join(folder, "two.yaml"), `---\n${OWN("other", "x")}---\n${OWN("twice", "w", "x")}`);
    const { slos, findings } = await load(join(folder, "one.yaml"), join(folder, "two.yaml"));
    expect(slos.map(({ id, source }) => `${id} ${source.line}`)).toEqual(["twice-x 4", "other-x 5", "twice-w 10"]);
    expect(findings.map((one) => line(one, folder))).toEqual([
      'two.yaml:11:5: has the id "twice-x", which the one at one.yaml:4:5 has: give one of them another name or id' +
        " [error duplicate-id]\n",
    ]);
  });

  it("takes a byte order mark and line breaks of Windows", async () => {
    await writeFile(join(folder, "windows.yaml"), `\uFEFF${OWN("w", "x")}`.replaceAll("\n", "\r\n"));
    expect((await load(join(folder, "windows.yaml"))).slos.map(({ id }) => id)).toEqual(["w-x"]);
  });
});
