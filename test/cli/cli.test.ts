import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { OUTPUT_KINDS } from "../../src/app/outputs.ts";
import { packs } from "../../src/collectors/index.ts";
import { packageRoot, version } from "../../src/lib/package.ts";
import { runCli } from "../helpers/run-cli.ts";

describe("the command line", () => {
  let cwd: string;
  beforeEach(async () => void (cwd = await mkdtemp(join(tmpdir(), "watchkeeper-cli-"))));
  afterEach(() => rm(cwd, { recursive: true, force: true }));

  it("prints its version and its verbs", async () => {
    expect((await runCli(["--version"], { cwd })).stdout).toBe(`${version}\n`);
    const { stdout, code } = await runCli(["--help"], { cwd });
    expect(code).toBe(0);
    for (const verb of ["serve", "collect", "check", "generate", "support-bundle", "demo"])
      expect(stdout).toContain(`\n  ${verb}`);
  });

  it.each([
    [["chek"], "unknown command 'chek'"],
    [["check", "--conect"], "unknown option '--conect'"],
    [["collect"], "missing required argument 'target'"],
    [
      ["generate", "everything"],
      `there is nothing named everything to generate; there are: ${OUTPUT_KINDS.join(", ")}`,
    ],
    [
      ["generate", "--format", "json"],
      "--format is prometheus, prometheusrule, files, sidecar, operator or v2, not json",
    ],
    [["generate", "rules", "--format", "sidecar"], "--format is prometheus or prometheusrule, not sidecar"],
    [
      ["generate", "dashboards", "--format", "prometheus"],
      "--format is files, sidecar, operator or v2, not prometheus",
    ],
    [["generate", "docs", "--format", "files"], "only rules and dashboards have a --format"],
    [
      ["generate", "--external-url", "wk.example.org"],
      "--external-url begins with http:// or https://, not wk.example.org",
    ],
    [["generate", "rules", "--label", "release=stack"], "only --format prometheusrule has a --label"],
    [
      ["generate", "rules", "--format", "prometheusrule", "--label", "release"],
      "--label is a label of Kubernetes such as release=kube-prometheus-stack, not release",
    ],
    [["check"], "watchkeeper.yaml: "],
    [["check", "--connect", "--without-files"], "--connect needs the files that --without-files does without"],
    [["serve", "-c", "nowhere.yaml"], "nowhere.yaml: "],
    [["demo", "--port", "http"], "--port is a number from 0 to 65535, not http"],
  ])("exits with 2 at %j, and says what is wrong", async (args, message) => {
    const { code, stderr, stdout } = await runCli(args, { cwd });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it("lists every fault of a configuration with its place", async () => {
    await writeFile(
      join(cwd, "watchkeeper.yaml"),
      [
        "server:",
        "  listn: 127.0.0.1:9797",
        "targets:",
        "  vault:",
        "    - name: prod",
        "      nodes: vault.example.org",
        "      auth: { method: aprole, role_id: r, secret_id: s.planted-secret }",
        "",
      ].join("\n"),
    );
    const { code, stderr } = await runCli(["check"], { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^watchkeeper\.yaml:2:3 server.*"listn".*"listen"/m);
    expect(stderr).toMatch(/^watchkeeper\.yaml:6:14 targets\.vault\.0\.nodes: /m);
    expect(stderr).toMatch(/^watchkeeper\.yaml:7:23 targets\.vault\.0\.auth\.method: .*"approle"/m);
    expect(stderr).not.toContain("planted-secret");
    const json = await runCli(["check", "--json"], { cwd });
    expect(json.code).toBe(2);
    expect(JSON.parse(json.stdout)).toMatchObject({
      ok: false,
      faults: [{ line: 2, column: 3 }, { line: 6 }, { line: 7 }],
    });
  });

  it("finds a fault of the web configuration before the service does", async () => {
    await writeFile(join(cwd, "web.yml"), "basic_auth_users: { prometheus: hunter2 }\n");
    await writeFile(join(cwd, "watchkeeper.yaml"), "server: { web_config_file: web.yml }\n");
    const { code, stderr } = await runCli(["check"], { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatch(/web\.yml:1:\d+ basic_auth_users\.prometheus: is not a bcrypt hash/);
    expect(stderr).not.toContain("hunter2");
  });

  it("does without files of secrets where those are not, and says so", async () => {
    await writeFile(
      join(cwd, "watchkeeper.yaml"),
      [
        "server: { web_config_file: web.yml }",
        "targets: { vault: [{ name: lab, nodes: ['https://127.0.0.1:1'], auth: { method: token, token_file: token } }] }",
        "",
      ].join("\n"),
    );
    expect(await runCli(["check"], { cwd })).toMatchObject({ code: 2 });
    expect(await runCli(["check", "--without-files"], { cwd })).toMatchObject({
      code: 0,
      stdout: "watchkeeper.yaml: no fault found; 1 target; files that it names were not looked at\n",
    });
    const json = await runCli(["check", "--without-files", "--json"], { cwd });
    expect(JSON.parse(json.stdout)).toMatchObject({ ok: true, warnings: [], withoutFiles: true });
  });

  it("finds nothing wrong with a right configuration", async () => {
    await writeFile(
      join(cwd, "watchkeeper.yaml"),
      "targets: { vault: [{ name: lab, nodes: ['https://127.0.0.1:1'] }] }\n",
    );
    expect(await runCli(["check"], { cwd })).toMatchObject({
      code: 0,
      stdout: "watchkeeper.yaml: no fault found; 1 target\n",
    });
  });

  it("exits with 1 when a target can not be reached, and names the reason", async () => {
    await writeFile(
      join(cwd, "watchkeeper.yaml"),
      "targets: { vault: [{ name: lab, nodes: ['https://127.0.0.1:1'] }] }\n",
    );
    const checked = await runCli(["check", "--connect"], { cwd });
    expect(checked.code).toBe(1);
    expect(checked.stdout).toContain(
      "FAIL  node 127.0.0.1:1: connection_refused: GET https://127.0.0.1:1/v1/sys/seal-status",
    );
    const collected = await runCli(["collect", "lab"], { cwd });
    expect(collected.code).toBe(1);
    expect(collected.stdout).toContain('vault_up{target="lab",node="127.0.0.1:1"} 0\n');
    const ofHealth = collected.stdout.match(/^watchkeeper_part_(?:errors_total|success)\{.*"health".*$/gm);
    expect(ofHealth).toEqual([expect.stringMatching(/refused"\} 1$/), expect.stringMatching(/success.* 0$/)]);
    expect(collected.stderr).toContain("connection_refused");
  });

  it("names the targets there are when asked for another", async () => {
    await writeFile(
      join(cwd, "watchkeeper.yaml"),
      "targets: { vault: [{ name: lab, nodes: ['https://127.0.0.1:1'] }] }\n",
    );
    const { code, stderr } = await runCli(["collect", "prod"], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain("there is no target prod; there are: vault/lab");
  });

  it("shows the effective configuration without secrets", async () => {
    const config = [
      "targets:",
      "  vault:",
      "    - name: lab",
      "      nodes: ['https://127.0.0.1:1']",
      "      auth: { method: token, token: '${PLANTED}' }",
      "",
    ];
    await writeFile(join(cwd, "watchkeeper.yaml"), config.join("\n"));
    const { stdout, stderr } = await runCli(["collect", "lab", "--debug"], {
      cwd,
      env: { PLANTED: "s.planted-secret" },
    });
    expect(stdout).toContain("token: <redacted>");
    expect(stdout).toContain("concurrency: 4");
    expect(stdout + stderr).not.toContain("planted-secret");
  });

  it("generates rules with the links and in the form that are asked for, and knows when they are stale", async () => {
    const withRules = packs.filter(({ alerts }) => alerts.length > 0);
    const lines = (verb: string) => withRules.map(({ id }) => `${verb} alerts/rules/${id}.yaml\n`).join("");
    const wrote = await runCli(["generate", "rules", "--external-url", "https://wk.example.org/"], { cwd });
    expect(wrote).toMatchObject({ code: 0, stdout: lines("wrote") });
    expect(await readFile(join(cwd, "alerts/rules/vault.yaml"), "utf8")).toContain(
      "runbook_url: https://wk.example.org/runbooks/VaultSealed",
    );
    expect(
      await runCli(["generate", "rules", "--external-url", "https://wk.example.org", "--check"], { cwd }),
    ).toMatchObject({ code: 0, stdout: "" });
    const stale = await runCli(["generate", "rules", "--format", "prometheusrule", "--check"], { cwd });
    expect(stale).toMatchObject({ code: 1, stdout: lines("stale") });
    const labels = ["--label", "release=stack", "--label", "example.org/team="];
    await runCli(["generate", "--format", "prometheusrule", ...labels, "rules"], { cwd });
    expect(parse(await readFile(join(cwd, "alerts/rules/vault.yaml"), "utf8"))).toMatchObject({
      kind: "PrometheusRule",
      metadata: {
        name: "watchkeeper-vault",
        labels: { "app.kubernetes.io/name": "watchkeeper", release: "stack", "example.org/team": "" },
      },
    });
  });

  it("generates rules where the files of secrets are not, and says when it leaves a configuration unread", async () => {
    const file = "watchkeeper.yaml";
    const vault = { name: "homelab", nodes: ["https://vault.example.org:8200"] };
    const configure = (auth: object) =>
      writeFile(
        join(cwd, file),
        JSON.stringify({
          server: { external_url: "https://wk.example.org" },
          targets: { vault: [{ ...vault, auth }] },
        }),
      );
    await configure({ method: "token", token_file: "nowhere" });
    const rules = join(cwd, "alerts/rules/vault.yaml");
    const unread = await runCli(["generate", "rules"], { cwd });
    expect(unread).toMatchObject({
      code: 0,
      stderr:
        "watchkeeper.yaml was not read, and links lead to http://localhost:9797: give --config watchkeeper.yaml, or --external-url.\n",
    });
    expect(await readFile(rules, "utf8")).toContain("runbook_url: http://localhost:9797/");
    expect(await runCli(["generate", "rules", "--config", file], { cwd })).toMatchObject({ code: 0, stderr: "" });
    expect(await readFile(rules, "utf8")).toContain("runbook_url: https://wk.example.org/");
    await configure({ method: "token", token_fil: "nowhere" });
    expect(await runCli(["generate", "rules", "--config", file], { cwd })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("token_fil"),
    });
  });

  it("generates configurations of servers from who sends alerts, and says when nobody could", async () => {
    const kinds = ["generate", "alertmanager", "prometheus"];
    const destination = { name: "any", type: "webhook", url: "https://hook.example.org/" };
    const configure = (credentials: readonly object[]) =>
      writeFile(
        join(cwd, "watchkeeper.yaml"),
        JSON.stringify({
          alerting: {
            sources: [{ name: "lab", credentials }],
            destinations: [destination],
            route: { destinations: ["any"] },
          },
        }),
      );
    await configure([{ type: "hmac", secret: "planted-secret" }]);
    const refused = await runCli([...kinds, "-c", "watchkeeper.yaml"], { cwd });
    expect(refused).toMatchObject({ code: 2, stdout: "" });
    expect(refused.stderr).toContain("no Alertmanager could send: give alerting.sources an entry");
    await configure([{ type: "bearer", token: "planted-secret" }]);
    const paths = ["deploy/alertmanager/alertmanager.yml", "deploy/prometheus/prometheus.yml"];
    const lines = (verb: string) => paths.map((path) => `${verb} ${path}\n`).join("");
    const wrote = await runCli([...kinds, "-c", "watchkeeper.yaml"], { cwd });
    expect(wrote).toMatchObject({ code: 0, stdout: lines("wrote"), stderr: "" });
    const check = [...kinds, "-c", "watchkeeper.yaml", "--check"];
    const moved = await runCli([...check, "--external-url", "https://wk.example.org"], { cwd });
    expect(moved).toMatchObject({ code: 1, stdout: lines("stale") });
  });

  it("generates dashboards in the form that is asked for, and knows when they are stale", async () => {
    const wrote = await runCli(["generate", "dashboards", "--external-url", "https://wk.example.org/"], { cwd });
    expect(wrote.code).toBe(0);
    const file = "deploy/grafana/dashboards/watchkeeper-overview.json";
    expect(wrote.stdout).toContain(`wrote ${file}\n`);
    expect(wrote.stdout).not.toContain("alerts/rules");
    const text = await readFile(join(cwd, file), "utf8");
    expect(text).toContain("https://wk.example.org/runbooks/");
    const check = ["generate", "dashboards", "--check"];
    expect(await runCli([...check, "--external-url", "https://wk.example.org"], { cwd })).toMatchObject({
      code: 0,
      stdout: "",
    });
    const stale = await runCli(check, { cwd });
    expect(stale.code).toBe(1);
    expect(stale.stdout).toContain(`stale ${file}\n`);
    const sidecar = await runCli(["generate", "dashboards", "--format", "sidecar"], { cwd });
    expect(sidecar.stdout).toContain("wrote deploy/grafana/sidecar/watchkeeper-overview.yaml\n");
    expect(await readFile(join(cwd, file), "utf8")).toBe(text);
  });

  it("generates rules as the configuration wants them", async () => {
    const config = [
      "server: { external_url: https://wk.example.org }",
      "rules:",
      "  VaultLicenseExpiring: { threshold: 60d, severity: critical, for: 2h }",
      "  VaultSingleAuditDevice: { enabled: false }",
      "",
    ];
    await writeFile(join(cwd, "watchkeeper.yaml"), config.join("\n"));
    const inFolder = (folder: string) => readFile(join(cwd, folder, "alerts/rules/vault.yaml"), "utf8");
    await runCli(["generate", "--out", "shipped"], { cwd });
    expect(await runCli(["generate", "--config", "watchkeeper.yaml", "--out", "ours"], { cwd })).toMatchObject({
      code: 0,
    });
    const [shipped, ours] = [await inFolder("shipped"), await inFolder("ours")];
    expect(shipped).toContain("vault_license_expiry_timestamp_seconds - time() < 2592000\n        for: 1h\n");
    expect(ours).toContain("vault_license_expiry_timestamp_seconds - time() < 5184000\n        for: 2h\n");
    expect(shipped).toContain("alert: VaultSingleAuditDevice\n");
    expect(ours).not.toContain("alert: VaultSingleAuditDevice\n");
    expect(ours).toContain("runbook_url: https://wk.example.org/runbooks/VaultSealed");
    // what tells of the alerts as they are shipped is the same for all
    const page = "docs/reference/alerts.md";
    expect(await readFile(join(cwd, "ours", page), "utf8")).toBe(await readFile(join(cwd, "shipped", page), "utf8"));
    const elsewhere = ["--config", "watchkeeper.yaml", "--external-url", "https://other.example.org", "--out", "ours"];
    await runCli(["generate", "rules", ...elsewhere], { cwd });
    expect(await inFolder("ours")).toBe(ours.replaceAll("https://wk.example.org", "https://other.example.org"));
  });

  it("refuses rules that can not be as the configuration wants them", async () => {
    const config = "rules:\n  VaultSeald: { enabled: false }\n  VaultSealed: { threshold: 1 }\n";
    await writeFile(join(cwd, "watchkeeper.yaml"), config);
    const { code, stdout, stderr } = await runCli(["generate", "rules", "--config", "watchkeeper.yaml"], { cwd });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^watchkeeper\.yaml:2:3 rules: .*"VaultSeald".*"VaultSealed"/m);
    expect(stderr).toMatch(/^watchkeeper\.yaml:3:29 rules\.VaultSealed\.threshold: .*one number$/m);
  });

  it("has everything that is generated committed as it is", async () => {
    expect(await runCli(["generate", "--check", "--out", packageRoot], { cwd })).toMatchObject({ code: 0, stdout: "" });
  });
});
