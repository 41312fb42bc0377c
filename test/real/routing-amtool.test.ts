import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { matchRoutes } from "../../src/alerting/routing/match-routes.ts";
import { fakeKinds } from "../../src/config/__fixtures__/fake-kinds.ts";
import { loadConfig } from "../../src/config/load.ts";
import { MatcherFault, parseLabels, parseMatchers } from "../../src/lib/matcher-text.ts";
import { printYaml } from "../../src/lib/yaml.ts";
import { describeReal } from "../helpers/describe-real.ts";
import { runProgram } from "../helpers/process.ts";

/** A route in words that both programs have. */
interface Written {
  readonly name: string;
  readonly matchers: readonly string[];
  readonly continue: boolean;
  readonly routes: readonly Written[];
}

const NAMES = ["ops", "pager", "mail", "chat"];
const LABELS = ["team", "severity", "instance"];
const VALUES = ["", "a", "b", "ab", "db-1"];

const matcher = fc
  .tuple(
    fc.constantFrom(...LABELS),
    fc.constantFrom("=", "!=", "=~", "!~"),
    fc.constantFrom(...VALUES, "a|b", ".+", "db-.*"),
  )
  .map(
    ([label, operator, value]) =>
      `${label}${operator}${JSON.stringify(value.replace(".", operator.endsWith("~") ? "." : "x"))}`,
  );

const treeOf = (depth: number): fc.Arbitrary<Written> =>
  fc.record({
    name: fc.constantFrom(...NAMES),
    matchers: fc.array(matcher, { maxLength: 2 }),
    continue: fc.boolean(),
    routes: depth === 0 ? fc.constant([]) : fc.array(treeOf(depth - 1), { maxLength: 4 }),
  });
const labels = fc.dictionary(fc.constantFrom(...LABELS), fc.constantFrom(...VALUES.slice(1)));

const ofAlertmanager = ({ name, matchers, routes, ...rest }: Written, isRoot = true): unknown => ({
  receiver: name,
  ...(!isRoot && { matchers, continue: rest.continue }),
  routes: routes.map((route) => ofAlertmanager(route, false)),
});

const ofWatchkeeper = ({ name, matchers, routes, ...rest }: Written, isRoot = true): unknown => ({
  destinations: [name],
  ...(!isRoot && { matchers, continue: rest.continue }),
  routes: routes.map((route) => ofWatchkeeper(route, false)),
});

/** Text that is often a matcher, and often nearly one. */
const PIECES = String.raw`team severity "team" = != =~ !~ a b "a" "db-1" a|b "(a|b)" .+ ".*" , { } " "\x61" "\141" "\u0061" "\d" "(" 'a' ~ !`;
const nearlyMatcher = fc
  .array(fc.constantFrom(" ", "\t", ...PIECES.split(" ")), { minLength: 3, maxLength: 9 })
  .map((pieces) => pieces.join(""));
const oneOrTwo = fc
  .array(matcher, { minLength: 1, maxLength: 2 })
  .chain((matchers) => fc.constantFrom(matchers.join(","), `{${matchers.join(" , ")},}`));

describeReal("Watchkeeper's routes and those of Alertmanager", ["amtool"], ({ amtool }) => {
  let folder: string;
  beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), "watchkeeper-routes-"))));
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** The receivers that amtool finds, in order; undefined when it does not take the configuration. */
  async function receiversOf(route: unknown, of: Readonly<Record<string, string>>): Promise<string[] | undefined> {
    const file = join(folder, "alertmanager.yml");
    await writeFile(file, printYaml({ route, receivers: [...NAMES, "hit"].map((name) => ({ name })) }));
    const pairs = Object.entries(of).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
    const options = [`--config.file=${file}`, "--enable-feature=utf8-strict-mode"];
    const { code, stdout } = await runProgram(amtool, ["config", "routes", "test", ...options, ...pairs]);
    // a warning of the strict mode stands before the answer
    return code === 0 ? stdout.trim().split("\n").at(-1)?.split(",") : undefined;
  }

  it("lead the same alerts to the same receivers, in the same order", async () => {
    await fc.assert(
      fc.asyncProperty(treeOf(3), labels, async (root, of) => {
        const file = join(folder, "watchkeeper.yaml");
        const destinations = NAMES.map((name) => ({ type: "hook", name, url: "https://hook.example" }));
        const alerting = { sources: [{ name: "prod" }], destinations, route: ofWatchkeeper(root) };
        await writeFile(file, printYaml({ alerting }));
        const config = await loadConfig({ file, env: {}, ...fakeKinds });
        const ends = config.alerting && matchRoutes(config.alerting.route, of);
        expect(ends?.flatMap((end) => end.destinations)).toEqual(await receiversOf(ofAlertmanager(root), of));
      }),
      { numRuns: 200 },
    );
  });

  it("take the same texts for matchers, which match the same labels", async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(nearlyMatcher, oneOrTwo), labels, async (text, of) => {
        const route = { receiver: "ops", routes: [{ receiver: "hit", matchers: [text] }] };
        expect(hits(text, of)).toEqual(await receiversOf(route, of));
      }),
      { numRuns: 300 },
    );
  });

  it("read the same labels", async () => {
    const text = 'team="a, b", severity=critical';
    const route = { receiver: "ops", routes: [{ receiver: "hit", matchers: ['team="a, b"', "severity=critical"] }] };
    expect(await receiversOf(route, parseLabels(text))).toEqual(["hit"]);
  });
});

/** What amtool says of the one route with these matchers. */
function hits(text: string, of: Readonly<Record<string, string>>): string[] | undefined {
  try {
    return parseMatchers(text).every((one) => one.matches(of)) ? ["hit"] : ["ops"];
  } catch (thrown) {
    if (thrown instanceof MatcherFault) return undefined;
    throw thrown;
  }
}
