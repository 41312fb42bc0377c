import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { glob } from "tinyglobby";
import { describe, expect, it } from "vitest";
import { readLogId, readTraceId } from "../../src/app/evidence/ids.ts";
import { createPseudonyms } from "../../src/app/support-bundle/pseudonyms.ts";
import { keyTest } from "../../src/collectors/certificates/stored/kubernetes/contents.ts";
import { longestInterval } from "../../src/collectors/proxmox/schedule.ts";
import { excludedDatasets } from "../../src/collectors/truenas/storage/excluded-datasets.ts";
import { readNamingSchema } from "../../src/collectors/truenas/tasks/naming-schema.ts";
import { labelMatcher } from "../../src/core/label-matcher.ts";
import { scrubbedPath } from "../../src/correlation/scrubbed.ts";
import { maskLine } from "../../src/correlation/statistics/mask.ts";
import { parseLabels, parseMatchers } from "../../src/lib/matcher-text.ts";
import { packageRoot } from "../../src/lib/package.ts";
import { createScrubber } from "../../src/lib/scrub.ts";
import { oneLine } from "../../src/lib/text.ts";
import { emailConfig } from "../../src/notifiers/email/config.ts";
import { readAltNames } from "../../src/server/web-config/client-certificate.ts";
import { matchesPattern } from "../../src/slo/promql/matcher-text.ts";

/** The length of a hostile text, and of the shorter one that it is held against. */
const LENGTH = 64_000;
const FACTOR = 16;
/** What grows with the length takes about 16 times as long, and what grows with its square 256 times. */
const MOST_GROWTH = 100;
/** Less than this is not told from nothing, in milliseconds; such a square is a tenth of a second at least. */
const FLOOR_MS = 1;
const SHORT_RUNS = 5;
const TRIES = 3;
/** What would never end is ended, amid a regular expression too. */
const LIMIT_MS = 120_000;

/** The milliseconds of work of this thread, which are the same however much else the machine does. */
function costOf(run: () => unknown): number {
  const before = process.threadCpuUsage();
  runInNewContext("run()", { run }, { timeout: LIMIT_MS });
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1_000;
}

/** How many times more a text costs than one of a sixteenth of its length. */
function growthOf<T>(read: (text: T) => unknown, made: (length: number) => T, length = LENGTH): number {
  const [short, whole] = [made(length / FACTOR), made(length)];
  const costs = Array.from({ length: SHORT_RUNS }, () => costOf(() => read(short)));
  return costOf(() => read(whole)) / Math.max(FLOOR_MS, Math.min(...costs));
}

/** The least of several, or the first that is no more than what is allowed. */
function leastGrowth<T>(read: (text: T) => unknown, made: (length: number) => T): number {
  let least = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < TRIES && least > MOST_GROWTH; tries += 1) least = Math.min(least, growthOf(read, made));
  return least;
}

/** Texts of a piece, between two letters so that nothing is trimmed off. */
const textsOf =
  (piece: string, end = "") =>
  (length: number): string =>
    `x${piece.repeat(length / piece.length)}${end}x`;

/** What reads texts that strangers write, and pieces of which they could be made to hold it up. */
const readers: Readonly<Record<string, readonly [read: (text: string) => unknown, pieces: readonly string[]]>> = {
  "secrets in log lines": [
    createScrubber([]),
    [
      "token=",
      'password: "',
      "eyJ.",
      "cookie=a",
      "-----BEGIN PRIVATE KEY-----",
      "Authorization: ",
      "://a:",
      " ",
      "a",
      "\\",
    ],
  ],
  "patterns of log lines": [maskLine, ["http", ")", "1", "@", " ", "\u001B[1"]],
  "paths of searches": [(text) => scrubbedPath(text, (value) => value), ["?", "&a", "?a=b"]],
  "labels in an address": [quietly(parseLabels), ["a=b,", " ", '="\\n",a']],
  "matchers of a route": [quietly(parseMatchers), ["a=b,", '"\\n"', "{", " "]],
  "a quoted matcher": [quietly((text) => parseMatchers(`a="${text}"`)), ["\\n", "\\\\", "a"]],
  "ids of log lines and traces": [
    (text) => [readLogId(text), readTraceId(text)],
    ["https://k/#/doc/a/b?id=", "/", " "],
  ],
  "names in client certificates": [readAltNames, ["DNS:a, ", 'DNS:"\\a', " "]],
  "schedules of Proxmox": [longestInterval, [" ", " UTC", "1,", "*-"]],
  "addresses of mail": [
    (text) => emailConfig.safeParse({ type: "email", name: "m", host: "h", from: text, to: [text] }),
    [" ", '"', "<", "a@"],
  ],
  "sentences of a support bundle": [
    (text) => ["", "http://h/", "a@b@", "/"].map((begin) => createPseudonyms(new Set()).inText(`${begin}${text}`)),
    ["a-", "a.", "a=", ":", "/", "/a", "a@", "!", "!@", ".", "a_", "ab://", "ab://)", "'", '"', "1:", "~/", "<"],
  ],
  "texts of one line": [oneLine, [" ", "\n", "\u200b"]],
};

/** Without what is thrown for a text that can not be read. */
function quietly(read: (text: string) => unknown): (text: string) => void {
  return (text) => {
    try {
      read(text);
    } catch (thrown) {
      if (!(thrown instanceof Error) || thrown.name !== "MatcherFault") throw thrown;
    }
  };
}

describe("the time to read a hostile text grows with its length", { timeout: 4 * LIMIT_MS }, () => {
  const cases = Object.entries(readers).flatMap(([what, [read, pieces]]) =>
    pieces.map((piece) => [what, piece, read] as const),
  );
  it.each(cases)("%s, of %j", (_, piece, read) => {
    for (const end of ["", "!", '"']) expect(leastGrowth(read, textsOf(piece, end))).toBeLessThan(MOST_GROWTH);
  });

  it("would be found out, did it grow with the square", { retry: TRIES }, () => {
    expect(growthOf((text) => /\s+$/.test(text), textsOf(" "), LENGTH / 2)).toBeGreaterThan(MOST_GROWTH);
  });
});

describe("a pattern that would take for ever elsewhere takes its time here", { timeout: 4 * LIMIT_MS }, () => {
  const GREEDY = "(a+)+$";
  const almost = (length: number): string => `${"a".repeat(length)}!`;

  it.each<[string, (text: string) => unknown, made?: (length: number) => string]>([
    ["a matcher of labels", (text) => labelMatcher("run", "=~", GREEDY).matches({ run: text })],
    ["a matcher of an SLO", (text) => matchesPattern(GREEDY, text)],
    ["keys of Secrets", keyTest(["*a".repeat(20)])],
    ["datasets that are left out", excludedDatasets(["*a".repeat(20)])],
    [
      "a naming schema of TrueNAS",
      (text) => readNamingSchema("%s".repeat(20))?.(text),
      (length) => `${"1".repeat(length)}x`,
    ],
  ])("in %s", (_, matches, made = almost) => {
    expect(matches(made(LENGTH))).toBe(false);
    expect(leastGrowth(matches, made)).toBeLessThan(MOST_GROWTH);
  });

  it("in what is scrubbed out of log lines", () => {
    const scrub = createScrubber([GREEDY]);
    expect(scrub(almost(LENGTH))).toBe(almost(LENGTH));
    expect(leastGrowth(scrub, almost)).toBeLessThan(MOST_GROWTH);
  });
});

/** Where JavaScript's own engine runs a pattern that was put together: of constants, or of texts that are escaped. */
const PUT_TOGETHER = [
  "src/app/support-bundle/tokens.ts",
  "src/collectors/proxmox/schedule.ts",
  "src/collectors/proxmox/zfs/prose.ts",
  "src/collectors/truenas/tasks/snapshot-time.ts",
  "src/config/alerting/interval-bounds.ts",
  "src/core/label-matcher.ts",
  "src/lib/matcher-text.ts",
  "src/lib/promql-syntax.ts",
  "src/lib/scrub/known-secrets.ts",
  "src/lib/scrub/named-secrets.ts",
  "src/lib/scrub/value-at.ts",
  "src/lib/yaml.ts",
  "src/notifiers/email/config.ts",
  "src/server/web-config/client-certificate.ts",
  "src/slo/promql/refusals.ts",
  "src/slo/promql/windowed.ts",
  "src/slo/spec/plain-yaml.ts",
];

it("is RE2 that runs what people write: a new RegExp of something that is not a constant is one too many", async () => {
  const files = await glob("src/**/*.ts", {
    cwd: packageRoot,
    ignore: ["**/*.test.ts", "**/__fixtures__/**", "src/lab/**"],
  });
  const found = await Promise.all(
    files.map(async (file) =>
      (await readFile(join(packageRoot, file), "utf8")).includes("new RegExp(") ? [file] : [],
    ),
  );
  expect(found.flat().toSorted()).toEqual(PUT_TOGETHER);
});
