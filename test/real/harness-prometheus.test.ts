import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { beforeAll, expect, it, vi } from "vitest";
import { describeReal } from "../helpers/describe-real.ts";
import { createTemporaryFolder, type TemporaryFolder } from "../helpers/janitor.ts";
import {
  amtool,
  promtool,
  startAlertmanager,
  startPrometheus,
  type AlertmanagerServer,
  type PrometheusServer,
} from "../helpers/prometheus.ts";

const patience = { timeout: 30_000, interval: 100 };
const alertRule = (expr: string): string =>
  stringify({ groups: [{ name: "test", rules: [{ alert: "TargetDown", expr, labels: { severity: "critical" } }] }] });

describeReal("Prometheus and Alertmanager", ["prometheus", "alertmanager", "promtool", "amtool"], () => {
  let folder: TemporaryFolder;
  let rules: string;
  let alertmanager: AlertmanagerServer;
  let prometheus: PrometheusServer;

  const config = (targets: string[]): Record<string, unknown> => ({
    scrape_configs: [{ job_name: "things", static_configs: [{ targets }] }],
    alerting: { alertmanagers: [{ static_configs: [{ targets: [new URL(alertmanager.url).host] }] }] },
  });

  beforeAll(async () => {
    folder = await createTemporaryFolder("rules");
    rules = join(folder.path, "rules.yaml");
    await writeFile(rules, alertRule("up == 0"));
    alertmanager = await startAlertmanager({ config: { route: { receiver: "none" }, receivers: [{ name: "none" }] } });
    // Nothing listens on port 1.
    prometheus = await startPrometheus({
      config: config(["127.0.0.1:1"]),
      ruleFiles: [rules],
      evaluationInterval: "200ms",
    });
    return async () => {
      await Promise.all([prometheus.stop(), alertmanager.stop()]);
      await folder.remove();
    };
  });

  it("fires an alert, which reaches Alertmanager", async () => {
    const labels = { alertname: "TargetDown", severity: "critical", job: "things", instance: "127.0.0.1:1" };
    await vi.waitFor(
      async () => expect(await prometheus.alerts()).toMatchObject([{ labels, state: "firing" }]),
      patience,
    );
    await vi.waitFor(
      async () => expect(await alertmanager.alerts()).toMatchObject([{ labels, status: { state: "active" } }]),
      patience,
    );
  });

  it("says how its targets are", async () => {
    const [target] = await prometheus.targets();
    expect(target).toMatchObject({ health: "down", scrapePool: "things", scrapeUrl: "http://127.0.0.1:1/metrics" });
    expect(target?.lastError).toContain("connection refused");
  });

  it("answers queries: series, numbers, nothing, and refusals", async () => {
    expect(await prometheus.query("sum by (job) (up)")).toEqual([{ labels: { job: "things" }, value: 0 }]);
    expect(await prometheus.query("-1 / 0")).toEqual([{ labels: {}, value: Number.NEGATIVE_INFINITY }]);
    expect(await prometheus.query("nothing_of_this_name")).toEqual([]);
    await expect(prometheus.query("sum(")).rejects.toThrow(/was answered 400: .*parse error/);
  });

  it("reads its configuration and rules again", async () => {
    await writeFile(rules, alertRule("vector(1) > 2"));
    await prometheus.reload(config([new URL(prometheus.url).host]));
    await vi.waitFor(async () => expect(await prometheus.targets()).toMatchObject([{ health: "up" }]), patience);
    await vi.waitFor(async () => expect(await prometheus.alerts()).toEqual([]), patience);
    await writeFile(rules, alertRule("up =="));
    await expect(prometheus.reload()).rejects.toThrow(/reload was answered 500/);
  });

  it("says why a server does not start", async () => {
    await expect(startPrometheus({ config: "scrape_configs: {}" })).rejects.toThrow(
      /prometheus ended before it was ready \(exit code 2\)[^]*cannot unmarshal !!map/,
    );
    await expect(startAlertmanager({ config: "route: {}" })).rejects.toThrow(/alertmanager ended before it was ready/);
  });

  it("has the tools", async () => {
    await writeFile(rules, alertRule("up == 0"));
    expect(await promtool(["check", "rules", "rules.yaml"], { cwd: folder.path })).toMatchObject({ code: 0 });
    const lint = await promtool(["check", "metrics"], { stdin: "# TYPE a_total gauge\na_total 1\n" });
    expect(lint).toMatchObject({ code: 3 });
    expect(lint.stderr).toContain('a_total non-counter metrics should not have "_total" suffix');
    const { code, stdout } = await amtool(["config", "show", "--alertmanager.url", alertmanager.url]);
    expect(code).toBe(0);
    expect(stdout).toContain("receiver: none");
  });
});
