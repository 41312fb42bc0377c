import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { glob } from "tinyglobby";
import { describe, expect, it } from "vitest";
import { readLogId, readTraceId } from "../../src/app/evidence/ids.ts";
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

/**
 * What takes a second for a text of this length when time grows with the length takes minutes when it grows with its square,
 * so that the limit can be far from both.
 */
const LENGTH = 200_000;
const LIMIT_MS = 60_000;

/** What it gives; it is ended after the limit, amid a regular expression too. */
const withinLimit = (run: () => unknown): unknown => runInNewContext("run()", { run }, { timeout: LIMIT_MS });

/** Such a text, between two letters so that nothing is trimmed off. */
const long = (piece: string, end = ""): string => `x${piece.repeat(LENGTH / piece.length)}${end}x`;

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
    for (const end of ["", "!", '"']) expect(() => withinLimit(() => read(long(piece, end)))).not.toThrow();
  });
});

describe("a pattern that would take for ever elsewhere takes its time here", { timeout: 4 * LIMIT_MS }, () => {
  const GREEDY = "(a+)+$";
  const text = `${"a".repeat(100_000)}!`;

  it.each<[string, () => unknown]>([
    ["a matcher of labels", () => labelMatcher("run", "=~", GREEDY).matches({ run: text })],
    ["a matcher of an SLO", () => matchesPattern(GREEDY, text)],
    ["keys of Secrets", () => keyTest(["*a".repeat(20)])(text)],
    ["datasets that are left out", () => excludedDatasets(["*a".repeat(20)])(text)],
    ["a naming schema of TrueNAS", () => readNamingSchema("%s".repeat(20))?.("1".repeat(100_000) + "x")],
  ])("in %s", (_, matches) => {
    expect(withinLimit(matches)).toBe(false);
  });

  it("in what is scrubbed out of log lines", () => {
    expect(withinLimit(() => createScrubber([GREEDY])(text))).toBe(text);
  });
});

/** Where JavaScript's own engine runs a pattern that was put together: of constants, or of texts that are escaped. */
const PUT_TOGETHER = [
  "src/app/support-bundle/pseudonyms.ts",
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
