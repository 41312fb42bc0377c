import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../lib/package.ts";
import type { Slo } from "../model.ts";
import { httpSlo } from "../rules/__fixtures__/slos.ts";
import { CASES } from "./__fixtures__/cases.ts";
import { checkSlos, sloChecks } from "./index.ts";
import { liveChecks } from "./live/index.ts";

/** What the checks say of SLOs: `name severity path`. */
const found = (...slos: readonly Slo[]): readonly string[] =>
  checkSlos(slos).map(({ check, severity, path }) => `${check} ${severity} ${path}`);

const rows = Object.entries(CASES).flatMap(([name, cases]) =>
  cases.map(({ of, says }) => ({ name, slos: of.map((one) => httpSlo(one)), says })),
);

describe("each check", () => {
  it.each(rows.filter(({ says }) => says !== undefined))("$name says $says", ({ name, slos, says }) => {
    expect(found(...slos)).toContain(`${name} ${says}`);
  });

  it.each(rows.filter(({ says }) => says === undefined))(
    "$name says nothing of what is nearly wrong",
    ({ name, slos }) => {
      expect(found(...slos).filter((text) => text.startsWith(`${name} `))).toEqual([]);
    },
  );

  it("has cases of both kinds", () => {
    const names = (isSaid: boolean) =>
      new Set(rows.filter(({ says }) => (says !== undefined) === isSaid).map((row) => row.name));
    const all = new Set(sloChecks.map((one) => one.name));
    expect([names(true), names(false)]).toEqual([all, all]);
  });
});

describe("a finding", () => {
  it("has the place of its SLO and says what to do", () => {
    const source = { file: "slo/shop.yaml", line: 7, column: 5, format: "watchkeeper" } as const;
    expect(checkSlos([httpSlo({ objective: 0.8, source })])).toEqual([
      {
        check: "dead-tier",
        severity: "error",
        source,
        path: "shop-requests.alerting.page",
        message:
          "can never fire on its tiers 1h (14.4x), 6h (6x): 20 % of budget times 6 is more than all events, so the page never" +
          " fires at all: give tiers with factors below 5, or an objective above 83.3333 %, or turn the page off",
      },
    ]);
  });

  it("is none for an SLO as it should be", () => {
    expect(checkSlos([httpSlo()])).toEqual([]);
  });
});

describe("a composite", () => {
  it("tells members with errors of their own from those that are nowhere", () => {
    const members = ["api", "shop-cart", "gone"].map((sloId) => ({ sloId, weight: 1 }));
    const minimum = { events: 0, failures: 0 };
    const whole = httpSlo({ minimum, sli: { kind: "composite", method: "worst", members } });
    const said = checkSlos([whole], ["shop-api", "shop-cart"]).map(({ message }) => message);
    expect(said).toEqual([
      'has the member "api", which has errors of its own: mend those first',
      'has the member "shop-cart", which has errors of its own: mend those first',
      'has the member "gone", which is no SLO among those that were read: name one of them, or read its file too',
    ]);
  });
});

describe("docs/slo-checks.md", () => {
  const page = readFileSync(join(packageRoot, "docs/slo-checks.md"), "utf8");
  const sections = [...page.matchAll(/^### `([a-z-]+)`$/gm)].map(([, name = ""]) => name);

  it("has one section for each check, and for each fault of the readers", () => {
    const own = [...sloChecks, ...liveChecks].map(({ name }) => name);
    const expected = [...own, "refused-query", "not-looked-at", "untested-query", ...namesInReaders()];
    expect(sections.toSorted()).toEqual([...new Set(expected)].toSorted());
  });

  it("has the same headings in each", () => {
    const bodies = page.split(/^### .*$/m).slice(1);
    for (const body of bodies)
      expect([...body.matchAll(/^\*\*(.+?)\*\*/gm)].map(([, heading]) => heading)).toEqual(["Says", "Why", "Do"]);
  });
});

/** Names of checks that the readers of specifications write into their findings. */
function namesInReaders(): readonly string[] {
  const folder = join(packageRoot, "src/slo/spec");
  const files = readdirSync(folder).filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"));
  return files.flatMap((name) => {
    const text = readFileSync(join(folder, name), "utf8");
    return [...text.matchAll(/(?:\.(?:error|warning|info)|\bfinding)\(\s*"([a-z]+(?:-[a-z]+)*)"/g)].map(
      ([, check = ""]) => check,
    );
  });
}
