import { readdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatConfigFault } from "../../core/errors.ts";
import { checkSlos } from "../checks/index.ts";
import type { SloFinding } from "../model.ts";
import { changed, leavesOf } from "./__fixtures__/changes.ts";
import { OPENSLO_V1, OPENSLO_V1ALPHA, OPENSLO_V2 } from "./__fixtures__/openslo-full.ts";
import { WINDOW } from "./defaults.ts";
import { loadSlos } from "./load.ts";
import { openSloFormat } from "./openslo-reader.ts";
import { pyrraFormat } from "./pyrra-reader.ts";

const load = (...paths: readonly string[]) => loadSlos(paths, [openSloFormat(WINDOW), pyrraFormat]);

const line = ({ check, severity, source: { file, line, column }, path, message }: SloFinding, place: string): string =>
  `${formatConfigFault({ file, line, column, path, message }).replaceAll(`${place}/`, "")} [${severity} ${check}]\n`;

describe("bad specifications of other tools", () => {
  const bad = join(import.meta.dirname, "__fixtures__/bad-imports");
  const names = readdirSync(bad).flatMap((name) => (name.endsWith(".yaml") ? [name.slice(0, -".yaml".length)] : []));

  it.each(names)("%s", async (name) => {
    const { slos, findings } = await load(join(bad, `${name}.yaml`));
    const read = `read: ${slos.map(({ id }) => id).join(", ") || "none"}\n`;
    const text = findings.map((one) => line(one, bad)).join("") + read;
    await expect(text).toMatchFileSnapshot(join(bad, `${name}.txt`));
  });
});

describe("the examples of other tools", () => {
  it.each([
    ["pyrra", ["shop-web-errors", "shop-web-latency", "shop-search-latency", "monitoring-probes"]],
    [
      "openslo",
      [
        "checkout-payments-promised",
        "checkout-payments-aimed-at",
        "checkout-latency",
        "checkout-journey",
        "checkout-journey-cart",
        "checkout-journey-receipt",
        "accounts-logins",
        "accounts-mails",
      ],
    ],
  ])("of %s are read, and have no error", async (tool, ids) => {
    const { slos, findings } = await load(join(import.meta.dirname, "../../../examples/slo", tool));
    expect(slos.map(({ id }) => id)).toEqual(ids);
    expect([...findings, ...checkSlos(slos)].filter(({ severity }) => severity === "error")).toEqual([]);
  });
});

describe("documents with anything in place of something", () => {
  const documents = [...OPENSLO_V1, ...OPENSLO_V2, ...OPENSLO_V1ALPHA];
  const places = documents.flatMap((document, i) =>
    leavesOf(document).flatMap((path) => path.map((_, depth) => ({ i, path: path.slice(0, depth + 1) }))),
  );
  const words = fc.constantFrom("constructor", "__proto__", "gone", "9M", "1970-01-01", "", "x[5m]", "x{");

  it("are read without a throw, and what is read has no SLO with an error", () => {
    const value = fc.oneof(words, fc.jsonValue({ maxDepth: 1 }));
    fc.assert(
      fc.property(fc.constantFrom(...places), value, ({ i, path }, other) => {
        const given = documents.map((document, at) => (at === i ? changed(document, path, () => other) : document));
        const { slos, findings } = openSloFormat(WINDOW).read(
          given.map((document, at) => ({ document, at: () => ({ line: 1, column: 1 }), file: `${at}.yaml` })),
        );
        const wrong = new Set(findings.flatMap(({ severity, source }) => (severity === "error" ? [source.file] : [])));
        expect(slos.filter(({ source }) => wrong.has(source.file))).toEqual([]);
      }),
    );
  });
});
