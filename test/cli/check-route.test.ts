import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/lib/package.ts";
import { runCli } from "../helpers/run-cli.ts";

const CONFIG = `
alerting:
  sources: [{ name: prod }]
  destinations:
    - { type: webhook, name: ops, url: "https://hook.example/planted-secret" }
    - { type: gotify, name: pager, url: "https://gotify.example", token_file: token }
    - { type: webhook, name: forgotten, url: "https://hook.example/planted-secret" }
  route:
    destinations: [ops]
    routes:
      - matchers: ['severity="critical"']
        destinations: [pager, ops]
        mute_time_intervals: [always]
        continue: true
      - matchers: ['team=~"infra|db"']
        group_by: [cluster]
  time_intervals: [{ name: always, time_intervals: [{ location: Europe/Berlin }] }]
`;

describe("watchkeeper check, of alerting", () => {
  let cwd: string;
  beforeEach(async () => {
    cwd = await mkdtemp(join(tmpdir(), "watchkeeper-cli-"));
    await writeFile(join(cwd, "watchkeeper.yaml"), CONFIG);
    await writeFile(join(cwd, "token"), "planted-secret");
  });
  afterEach(() => rm(cwd, { recursive: true, force: true }));

  const SUMMARY = `watchkeeper.yaml: no fault found; 0 targets, 1 source, 3 destinations, 3 routes
warning: destination forgotten is never told anything: no route leads there, and it is no fallback
`;

  it("counts what there is, and warns of what is of no use", async () => {
    expect(await runCli(["check"], { cwd })).toEqual({ code: 0, stdout: SUMMARY, stderr: "" });
  });

  it("explains where an alert goes", async () => {
    expect(await runCli(["check", "--route", "severity=critical,team=infra"], { cwd })).toEqual({
      code: 0,
      stdout: `${SUMMARY}
Labels: severity="critical", team="infra"

root: takes every alert
  yes  severity="critical"   <- ends here
  yes  team=~"infra|db"   <- ends here

Told at pager, ops
  route:  {}/{severity="critical"}
  groups: as the sender groups
  times:  mute always
  now:    new messages wait for more than a year: in always

Told at ops
  route:  {}/{team=~"infra|db"}
  groups: by cluster
  now:    sent at once
`,
      stderr: "",
    });
  });

  it("says of the example in docs/alert-routing.md what the page shows", async () => {
    const page = await readFile(join(packageRoot, "docs/alert-routing.md"), "utf8");
    const [, example = ""] = /```yaml\n([^]*?)```/.exec(page) ?? [];
    const [, args = "", shown] = /\n\$ watchkeeper (check --route .*)\n([^]*?)```/.exec(page) ?? [];
    await writeFile(join(cwd, "watchkeeper.yaml"), example);
    await mkdir(join(cwd, "secrets"));
    for (const [, file = ""] of example.matchAll(/_file: ([\w/-]+)/g))
      await writeFile(join(cwd, file), "planted-secret");
    expect(await runCli(args.split(" "), { cwd })).toEqual({ code: 0, stdout: shown, stderr: "" });
  });

  it("tells machines the same", async () => {
    const { code, stdout } = await runCli(["check", "--json", "--route", 'team="web"'], { cwd });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: true,
      faults: [],
      alerting: {
        sources: 1,
        destinations: 3,
        routes: 3,
        warnings: [expect.stringContaining("forgotten")],
        checked: [],
      },
      route: {
        labels: { team: "web" },
        steps: [{ outcome: "matched", isEnd: true }, { outcome: "not_matched" }, { outcome: "not_matched" }],
        ends: [{ route: "{}", destinations: ["ops"] }],
      },
    });
  });

  it("opens every destination when asked to connect, and sends nothing", async () => {
    const { code, stdout, stderr } = await runCli(["check", "--connect"], { cwd });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("\nwebhook / ops\n  ok    open: its settings can be used; nothing was sent\n");
    expect(stdout).toContain("\ngotify / pager\n  ok    open: ");
    expect(stdout).not.toContain("planted-secret");
  });

  it("asks the Alertmanager of each source that names one", async () => {
    const alertmanager = '{ name: prod, alertmanager: { urls: ["http://127.0.0.1:1"] }';
    await writeFile(join(cwd, "watchkeeper.yaml"), CONFIG.replace("{ name: prod", alertmanager));
    const { code, stdout } = await runCli(["check", "--connect"], { cwd });
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /\nalertmanager \/ prod\n {2}FAIL {2}http:\/\/127\.0\.0\.1:1: connection_refused: GET .*\/api\/v2\/status/,
    );
  });

  it("finds a destination whose file can not be used", async () => {
    await writeFile(join(cwd, "ca.pem"), "this is no certificate");
    await writeFile(join(cwd, "watchkeeper.yaml"), CONFIG.replace("token_file: token", "token: x, ca_file: ca.pem"));
    const { code, stdout } = await runCli(["check", "--connect"], { cwd });
    expect(code).toBe(1);
    expect(stdout).toMatch(/\ngotify \/ pager\n {2}FAIL {2}open: \w+: .+/);
  });

  it.each([
    ["severity", "--route: write labels such as severity=critical,team=infra: at column 9, = is expected here"],
    [
      "severity=~crit.*",
      "--route: write labels such as severity=critical,team=infra: at column 9, an alert's label has one value: write label=value",
    ],
  ])("exits with 2 at --route %s", async (labels, message) => {
    expect(await runCli(["check", "--route", labels], { cwd })).toEqual({
      code: 2,
      stdout: "",
      stderr: `${message}\n`,
    });
  });

  it("says that there are no routes where there are none", async () => {
    await writeFile(join(cwd, "watchkeeper.yaml"), "log: {}\n");
    const { code, stderr } = await runCli(["check", "--route", "a=b"], { cwd });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: "watchkeeper.yaml: has no section `alerting`, so there are no routes\n",
    });
  });
});
