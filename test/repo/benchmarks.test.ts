import { globSync, readFileSync } from "node:fs";
import { homedir, hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { claimsSpeed, statementsOf } from "../../bench/docs/claims.ts";
import { faultOf, findMarks, refreshMarks } from "../../bench/docs/marks.ts";
import { makePage, PICTURES } from "../../bench/docs/page.ts";
import { claimingPages } from "../../bench/docs/update.ts";
import { figuresOf, figureValues } from "../../bench/figures.ts";
import { findFaults } from "../../bench/gate.ts";
import { CLAIMS } from "../../bench/index.ts";
import { report, type Measured } from "../../bench/report.ts";
import { measuredClaims, readResults, RESULTS_FILE, withFigures, type Results } from "../../bench/results.ts";
import { packageRoot } from "../../src/lib/package.ts";

/** A sentence with a number and a word of speed or size that is no claim of a bench's. */
const NO_CLAIMS: readonly { readonly page: string; readonly says: RegExp; readonly because: string }[] = [
  { page: "docs/evidence.md", says: /^A service is slow when/, because: "it is a threshold" },
  { page: "docs/install-compose.md", says: /^It wants Docker Engine/, because: "all of it is other programs'" },
  { page: "docs/scale-out.md", says: /stops within 12 s/, because: "it is a setting" },
  { page: "docs/scale-out.md", says: /^As a rule, take/, because: "it is advice, from the table above it" },
  { page: "docs/slo.md", says: /are scraped every 15 seconds/, because: "it is Prometheus' setting" },
  {
    page: "src/collectors/certificates/README.md",
    says: /^Watching a cluster costs/,
    because: "a real Kubernetes takes many minutes to be built, more than a bench may",
  },
];
/**
 * Decisions tell what was measured when they were taken, the reference is made from the code, and the others tell of
 * limits.
 */
const EXEMPT = /^(?:docs\/(?:adr|reference)\/|docs\/security\.md$|src\/notifiers\/)/;

const read = (path: string): string => readFileSync(join(packageRoot, path), "utf8");

describe("the results that are kept", () => {
  it("are of every claim, none of which failed", async () => {
    const { claims } = await readResults();
    expect(Object.keys(claims)).toEqual(Object.keys(CLAIMS));
    expect(Object.entries(claims).flatMap(([name, claim]) => ("failed" in claim ? [name] : []))).toEqual([]);
  });

  it("have each figure once, as its row has it", async () => {
    for (const [, { rows, figures }] of measuredClaims(await readResults())) {
      expect(figuresOf(rows)).toHaveLength(Object.keys(figures).length);
      expect(figures).toEqual(figureValues(rows));
    }
  });

  it("name no path and no host", () => {
    const text = read(RESULTS_FILE);
    const names = [packageRoot, homedir(), hostname()].filter((name) => name.length > 3 && name !== "localhost");
    expect(names.filter((name) => text.includes(name))).toEqual([]);
  });

  it("are what the page and its pictures are made of", async () => {
    const files = await makePage(await readResults());
    for (const [path, text] of Object.entries(files)) expect(read(path)).toBe(text);
    const pictures = globSync(`${PICTURES}*.svg`, { cwd: packageRoot });
    expect(pictures.toSorted()).toEqual(
      Object.keys(files)
        .filter((path) => path.endsWith(".svg"))
        .toSorted(),
    );
  });
});

describe("a claim of speed or size", () => {
  it.each(claimingPages())("in %s has the number that was measured", async (path) => {
    const results = await readResults();
    const faults = findMarks(read(path)).flatMap((mark) => faultOf(mark, results) ?? []);
    expect(faults, "run `npm run bench -- page`").toEqual([]);
  });

  it("names its figure", () => {
    const unmarked = claimingPages()
      .filter((page) => !EXEMPT.test(page))
      .flatMap((page) =>
        statementsOf(read(page))
          .filter(claimsSpeed)
          .filter(({ text }) => !NO_CLAIMS.some((other) => other.page === page && other.says.test(text)))
          .map(({ text, line }) => `${page}:${line}: ${text}`),
      );
    expect(unmarked, 'write [18.3 s](benchmarks.md#replicas "takeover_s"), or say above why it is no claim').toEqual(
      [],
    );
  });

  it.each(NO_CLAIMS)("is not what $page says: $because", ({ page, says }) => {
    expect(
      statementsOf(read(page))
        .filter(claimsSpeed)
        .filter(({ text }) => says.test(text)),
    ).toHaveLength(1);
  });

  it("is made by a bench that there is", () => {
    const named = [...claimingPages(), "CHANGELOG.md"].flatMap((path) =>
      [...read(path).matchAll(/npm run (?:-s )?bench -- ([\w-]+)/g)].map(([, name = ""]) => name),
    );
    expect(named).not.toEqual([]);
    const known = new Set([...Object.keys(CLAIMS), "all", "page"]);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });
});

const TAKEOVER = { what: "taken over", unit: "s", ours: 18.34, figure: "takeover_s" } as const;
const SIZE = { what: "size", unit: "MB", ours: 1_234, figure: "size_mb" } as const;
const scrape = (ours: number, theirs: number): Measured => ({
  what: "a scrape",
  unit: "ms",
  ours,
  against: { name: "a peer", value: theirs },
  ratio: { of: "theirs / ours", figure: "speedup" },
});
const computing = (ours: number, theirs: number): Measured => ({
  ...scrape(ours, theirs),
  ratio: { of: "ours / theirs", figure: "cpu_ratio" },
});
const resultsOf = (...rows: readonly Measured[]): Results => ({
  date: "2026-01-31",
  commit: "0123456789ab",
  changed: false,
  machine: { cpu: "a processor", cores: 2, memory_gb: 8, os: "a system", node: "v24.0.0" },
  claims: { bench: { title: "a claim", seconds: 1, busy: 0, ...withFigures(report(rows)) } },
});

describe("a report", () => {
  it("leaves out what is not known, and says so", () => {
    const { rows, leftOut } = report([{ ...TAKEOVER, ours: Number.NaN }, SIZE]);
    expect(rows).toEqual([SIZE]);
    expect(leftOut).toEqual(["takeover_s: this system does not tell"]);
  });

  it("has no ratio to what is not known", () => {
    expect(report([scrape(2, Number.NaN)]).rows).toEqual([{ what: "a scrape", unit: "ms", ours: 2 }]);
  });

  it("rounds but for counts, and divides in the direction that is asked for", () => {
    const [quick, count] = report([scrape(2.0004, 30.123), { ...SIZE, ours: 202_608 }]).rows;
    expect(quick).toMatchObject({ ours: 2, against: { value: 30.1 }, ratio: { value: 15.1 } });
    expect(count?.ours).toBe(202_608);
  });
});

describe("the gate", () => {
  it("lets pass what is as it was, and times of another machine", () => {
    expect(findFaults(resultsOf(scrape(40, 400), TAKEOVER), resultsOf(scrape(2, 20), TAKEOVER))).toEqual([]);
  });

  it("tells of a ratio that became worse, whichever way it is written", () => {
    const [was, is] = [resultsOf(scrape(2, 20), computing(2, 20)), resultsOf(scrape(4, 20), computing(4, 20))];
    expect(findFaults(is, was)).toEqual([
      "bench speedup: 5, which is more than 1.5 times worse than 10 in the results that are kept",
      "bench cpu_ratio: 0.2, which is more than 1.5 times worse than 0.1 in the results that are kept",
    ]);
    expect(findFaults(was, is)).toEqual([]);
  });

  it("tells of an aim that is missed, and of a figure that is gone", () => {
    const now = resultsOf({ ...SIZE, aim: { is: "<", value: 1_234 } });
    expect(findFaults(now, resultsOf(SIZE, TAKEOVER))).toEqual([
      "bench size_mb: 1,234 MB, and the aim is < 1,234 MB (it was 1,234 MB in the results that are kept)",
      "bench takeover_s: was not measured this time",
    ]);
  });

  it("tells of a claim that failed", () => {
    const failed: Results = {
      ...resultsOf(),
      claims: { bench: { title: "a claim", seconds: 1, busy: 0, failed: "no peer" } },
    };
    expect(findFaults(failed, resultsOf(SIZE))).toEqual(["bench failed: no peer"]);
  });
});

const marked = (text: string, figure = "takeover_s"): string => `back in [${text}](benchmarks.md#bench "${figure}").`;
const faultsOf = (page: string): readonly (string | undefined)[] =>
  findMarks(page).map((mark) => faultOf(mark, resultsOf(TAKEOVER, SIZE, scrape(2, 20))));

describe("a mark", () => {
  it.each(["18.3 s", "18 s", "18,300 ms", "15 to 20 s", "18"])("may say %s", (text) => {
    expect(faultsOf(marked(text))).toEqual([undefined]);
  });

  it.each([
    ["19 s", /measured as 18$/],
    ["18.4 s", /measured as 18\.3$/],
    ["18.3 MB", /in s, not in MB$/],
    ["19 to 20 s", /not in that range$/],
    ["quick", /to have one number/],
  ])("may not say %s", (text, fault) => {
    expect(faultsOf(marked(text))).toEqual([expect.stringMatching(fault)]);
  });

  it("may not name a figure or a claim that there is not", () => {
    expect(faultsOf(marked("18 s", "takeover"))).toEqual([expect.stringMatching(/has no figure takeover$/)]);
    expect(faultsOf('[1 s](../docs/benchmarks.md#other "x")')).toEqual([expect.stringMatching(/no claim other/)]);
  });

  it("is brought to what was measured, with its digits and its unit", () => {
    const page = [marked("20.0 s"), marked("3 GB", "size_mb"), marked("9 times", "speedup"), marked("1 to 2 s")];
    expect(refreshMarks(page.join("\n"), resultsOf(TAKEOVER, SIZE, scrape(2, 20)))).toBe(
      [marked("18.3 s"), marked("1 GB", "size_mb"), marked("10 times", "speedup"), marked("1 to 2 s")].join("\n"),
    );
  });
});

describe("a sentence", () => {
  it.each([
    "It takes 90 MB of memory.",
    "A scrape is 12 times faster.",
    "| memory after the start | 131 MB |\n| --- | --- |",
    "Others wait. It needs 5 ms of CPU.",
    "2,000 webhooks a second are on disk.",
  ])("claims something: %s", (text) => {
    expect(statementsOf(text).filter(claimsSpeed)).toHaveLength(1);
  });

  it.each([
    "It is asked every 15 s.",
    "A second one waits for 5 seconds.",
    'It takes [90 MB](benchmarks.md#bench "size_mb") of memory.',
    "`takes 90 MB`",
  ])("claims nothing, or names its figure: %s", (text) => {
    expect(statementsOf(text).filter(claimsSpeed)).toEqual([]);
  });
});
