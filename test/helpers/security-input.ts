import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync, constants, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { expect } from "vitest";
import { runCli } from "./run-cli.ts";
import { addressOf, routes } from "./security-routes.ts";
import { GREEDIEST, GREEDY_PATH, PLANTED, type SecuritySite } from "./security-site.ts";
import { ask, askRaw, statusIn, type Answer, type Trial } from "./security-trial.ts";

const WAYS_UP = [
  "..%2f..%2f..%2fpackage.json",
  "%2e%2e/%2e%2e/%2e%2e/package.json",
  "../../../../../../../../etc/passwd",
  "..%5c..%5cpackage.json",
  "....//....//package.json",
  "%252e%252e%252fpackage.json",
  "package.json%00.md",
  "%2fetc%2fpasswd",
  "%c0%ae%c0%ae%2fpackage.json",
];
/** 302 leads to the page of an id, and 503 says that there is nothing to ask for it. */
const REFUSALS = [302, 400, 404, 414, 503];
/** Of `package.json`, of `/etc/passwd`, of the configuration, and of stack traces. */
const LEAK = /"dependencies"|root:.*:0:0:|web_config_file|node_modules|\n\s+at .+:\d+:\d+/;

const JSON_BODY = { "content-type": "application/json", authorization: `Bearer ${PLANTED}` };
/** The least effort: it is a thousandth all the same. */
const brotli = (plain: Buffer): Buffer =>
  brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MIN_QUALITY } });

const webhook = ({ url }: SecuritySite, body: string): Promise<Answer> =>
  ask(url, "/api/v1/webhooks/alertmanager/main", { method: "POST", headers: JSON_BODY, body });

const change = ({ url }: SecuritySite, body: string): Promise<Answer> =>
  ask(url, "/api/v1/changes", { method: "POST", headers: JSON_BODY, body });

/** A text that means ten to the power of nine words. */
const LAUGHS = [
  'a0: &a0 ["ha","ha","ha","ha","ha","ha","ha","ha","ha","ha"]',
  ...Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(10).fill(`*a${i}`).join(",")}]`),
  "targets: *a9",
  "",
].join("\n");

/** What is written by whoever reaches the server, or into its files. */
export const inputTrials: readonly Trial[] = [
  {
    name: "a way to other files (path traversal)",
    tried:
      "Nine spellings of `../` (encoded, twice encoded, with backslashes, with `%00`, overlong UTF-8) in each parameter of each route, and below each folder of pages.",
    happened: "No answer had anything of a file; each was 400, 404 or the page of an unknown id.",
    async run({ port }) {
      const named = routes.filter(({ path }) => /[:*]/.test(path));
      expect(named.length).toBeGreaterThan(10);
      const folders = ["/assets/", "/runbooks/", "/"].map((folder) => (value: string) => folder + value);
      for (const address of [...named.map((route) => (value: string) => addressOf(route, value)), ...folders])
        await Promise.all(
          WAYS_UP.map(async (way) => {
            const answer = await askRaw(port, address(way));
            expect([address(way), statusIn(answer)]).toEqual([address(way), expect.toBeOneOf(REFUSALS)]);
            expect(answer.slice(answer.indexOf("\r\n\r\n"))).not.toMatch(LEAK);
          }),
        );
    },
  },
  {
    name: "what is not for the public",
    tried:
      "`/node_modules/`, `/src/`, `/dist/`, `/.git/config`, `/.env`, `/watchkeeper.yaml`, `/watchkeeper.db`, source maps, `/debug/pprof/`, `/-/quit`, `/api/v1/config`.",
    happened: "404 for each.",
    async run({ url }) {
      const files = [
        "node_modules/fastify/package.json",
        "src/cli/main.ts",
        "dist/cli/main.js",
        "dist/cli/main.js.map",
      ];
      const usual = [".git/config", ".env", "open.yaml", "open.db", "watchkeeper.yaml", "watchkeeper.db", "web.key"];
      const debug = [
        "assets/preview.js.map",
        "assets/",
        "debug/pprof/",
        "-/quit",
        "api/v1/config",
        "api/v1/status/config",
      ];
      for (const path of [...files, ...usual, ...debug])
        expect([path, (await ask(url, `/${path}`)).status]).toEqual([path, 404]);
    },
  },
  {
    name: "a body that is malformed or deep",
    tried:
      "Webhooks and changes that are no JSON, half of it, a million brackets deep, or with numbers where texts belong.",
    happened: "400. No answer has a stack trace, and the service answers as before.",
    async run(site) {
      const deep = "[".repeat(1_000_000);
      const nested = `${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}`;
      for (const body of ["{", "", "null", "[]", '{"alerts":7}', deep, nested])
        for (const { status, text } of [await webhook(site, body), await change(site, body.slice(0, 60_000))]) {
          expect([body.slice(0, 20), status]).toEqual([body.slice(0, 20), 400]);
          expect(text).not.toMatch(LEAK);
        }
      expect((await ask(site.url, "/-/healthy")).status).toBe(200);
    },
  },
  {
    name: "a body that is packed (zip bombs)",
    tried:
      "To every route that takes a body, a notification and a change with 32 MiB of blanks, packed with gzip, deflate, Brotli and Zstandard to a thousandth.",
    happened: "400 or 415, or the body is not looked at: nothing is ever unpacked, or the answer would be 413 or 201.",
    async run(site) {
      const plain = Buffer.from(`${" ".repeat(32 * 1024 * 1024)}{"title":"packed"}`);
      const packed = {
        gzip: gzipSync(plain),
        deflate: deflateSync(plain),
        br: brotli(plain),
        zstd: zstdCompressSync(plain),
      };
      const posted = routes.filter(({ method }) => method !== "GET");
      for (const [encoding, body] of Object.entries(packed)) {
        expect(body.length).toBeLessThan(plain.length / 900);
        for (const route of posted) {
          const headers = { ...JSON_BODY, "content-encoding": encoding };
          const { status, text } = await ask(site.url, addressOf(route), { method: route.method, headers, body });
          const isRead = /webhooks|changes/.test(route.path);
          const refusals = isRead ? [400, 415] : [200, 400, 404, 415];
          expect([route.path, encoding, status]).toEqual([route.path, encoding, expect.toBeOneOf(refusals)]);
          expect(text).not.toMatch(LEAK);
        }
      }
      expect((await ask(site.url, "/api/v1/changes")).text).not.toContain("packed");
    },
  },
  {
    name: "names that objects have (`__proto__`)",
    tried:
      "`__proto__`, `constructor` and `toString` as labels, as names in queries, as ids and as the name of a source.",
    happened: "They are texts as any other; no object got a property by them.",
    async run(site) {
      const labels = `{"alertname":"Proto","__proto__":"polluted","constructor":"c","toString":"t"}`;
      const alert = `{"status":"firing","labels":${labels},"annotations":{"__proto__":"p"},"startsAt":"${new Date().toISOString()}","fingerprint":"00000000000000bb"}`;
      const body = `{"version":"4","groupKey":"__proto__","status":"firing","receiver":"w","groupLabels":{"__proto__":"g"},"commonLabels":{},"commonAnnotations":{},"externalURL":"","__proto__":{"polluted":1},"alerts":[${alert}]}`;
      expect((await webhook(site, body)).status).toBe(202);
      const told = await change(site, '{"title":"t","labels":{"__proto__":"polluted","service":"shop"}}');
      expect(told.status).toBeLessThan(500);
      for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
        const paths = routes.filter(({ path, method }) => /[:*]/.test(path) && method === "GET");
        for (const route of paths) {
          const { status } = await ask(site.url, addressOf(route, name));
          expect([route.path, name, [400, 404].includes(status)]).toEqual([route.path, name, true]);
        }
        for (const path of ["/alerts", "/metrics", "/api/v1/correlate", "/api/v1/conversations", "/"])
          expect((await ask(site.url, `${path}?${name}=1&${name}[polluted]=1`)).status).toBeLessThan(500);
      }
      const { text } = await ask(site.url, "/api/v1/changes");
      expect(JSON.parse(text)).not.toHaveProperty("polluted");
    },
  },
  {
    name: "a pattern that takes for ever (ReDoS)",
    tried:
      "`(a+)+$` as a route's matcher and in `evidence.scrub`, against a label and a log line of 30,000 times `a` and then `!`.",
    happened:
      "Both at once: what people write in the configuration runs on RE2, in linear time. No pattern comes from outside, and Watchkeeper's own are held to linear time by `test/repo/linear-time.test.ts`.",
    async run(site) {
      const labels = { alertname: "Greedy", run: GREEDIEST };
      expect((await site.alert(labels)).status).toBe(202);
      expect((await ask(site.url, GREEDY_PATH)).text).toContain("aaaa");
    },
  },
  {
    name: "a YAML file that unfolds (billion laughs)",
    tried: "Aliases that stand for a billion words, in a configuration and in an SLO specification.",
    happened: "Both are refused before they unfold: more than 100 aliases are none.",
    async run({ folder }) {
      await writeFile(join(folder, "laughs.yaml"), LAUGHS);
      const config = await runCli(["check", "--config", "laughs.yaml"], { cwd: folder });
      expect(config).toMatchObject({ code: 2, stderr: expect.stringMatching(/laughs\.yaml.*alias/s) as string });
      const spec = await runCli(["slo", "validate", "laughs.yaml"], { cwd: folder });
      expect(spec.code).not.toBe(0);
      expect(spec.stdout + spec.stderr).toMatch(/laughs\.yaml.*alias/s);
    },
  },
];
