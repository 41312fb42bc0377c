import { parse } from "yaml";
import { describe, expect, it } from "vitest";
import { packs } from "../collectors/index.ts";
import { sourceSchema } from "../config/alerting/source-schema.ts";
import type { WatchkeeperServer } from "../alerting/configs/http-client.ts";
import { serverConfigs } from "./server-configs.ts";

const SERVER: WatchkeeperServer = {
  url: "http://localhost:9797",
  hasOwnCertificate: false,
  wantsClientCertificate: false,
  username: undefined,
};
const ruleFiles = ["alerts/rules/vault.yaml"];
const token = [{ type: "bearer", token: "planted-secret" }];

interface PrometheusConfig {
  readonly rule_files: readonly string[];
  readonly scrape_configs: readonly object[];
  readonly alerting?: { readonly alertmanagers: readonly object[] };
}

function written(sources: readonly object[], server: Partial<WatchkeeperServer> = {}) {
  const parsed = sources.map((source) => sourceSchema.parse(source));
  const files = serverConfigs(packs, { server: { ...SERVER, ...server }, sources: parsed, ruleFiles });
  const texts = new Map(files.map(({ path, text }) => [path, text]));
  const text = texts.get("deploy/prometheus/prometheus.yml") ?? "";
  expect([...texts.values()].join("")).not.toContain("planted-secret");
  return { texts, text, paths: [...texts.keys()], prometheus: parse(text) as PrometheusConfig };
}

describe("configurations of Alertmanager", () => {
  it("are one for each source that may be one, in a folder of its own when there are several", () => {
    const signed = { name: "grafana", credentials: [{ type: "hmac", secret: "planted-secret" }] };
    const [lab, site] = [{ name: "lab" }, { name: "site", credentials: token }];
    const prometheus = "deploy/prometheus/prometheus.yml";
    expect(written([lab, signed]).paths).toEqual(["deploy/alertmanager/alertmanager.yml", prometheus]);
    const { paths, texts } = written([lab, site, signed]);
    expect(paths).toEqual([
      "deploy/alertmanager/lab/alertmanager.yml",
      "deploy/alertmanager/site/alertmanager.yml",
      prometheus,
    ]);
    expect(texts.get("deploy/alertmanager/site/alertmanager.yml")).toContain("/api/v1/webhooks/alertmanager/site\n");
  });

  it("are of the shipped example when nothing says who sends", () => {
    const files = serverConfigs(packs, { server: SERVER, ruleFiles });
    const paths = files.map(({ path }) => path);
    expect(paths).toEqual([
      "deploy/alertmanager/alertmanager.yml",
      "deploy/prometheus/prometheus.yml",
      "deploy/prometheus/watchdog.yaml",
    ]);
    expect(files[0]?.text).toContain("url: http://localhost:9797/api/v1/webhooks/alertmanager/homelab\n");
  });
});

describe("the configuration of Prometheus", () => {
  it("lets series go on where replicas may divide the targets, and asks for each of their addresses", () => {
    const { prometheus, text } = written([], { mayBeReplicas: true });
    expect(prometheus.scrape_configs).toMatchObject([
      { metric_relabel_configs: [{ source_labels: ["target"], target_label: "instance", replacement: "watchkeeper" }] },
    ]);
    expect(text).toContain("name each of them here by an address of its own");
    expect(written([]).text).not.toMatch(/replica.*address of its own|metric_relabel_configs/);
  });

  it("scrapes Watchkeeper where it is reached, and as it asks", () => {
    expect(written([]).prometheus.scrape_configs).toEqual([
      { job_name: "watchkeeper", static_configs: [{ targets: ["localhost:9797"] }] },
    ]);
    const proxied = written([], { url: "https://[fd00::1]/wk", username: "prometheus", hasOwnCertificate: true });
    expect(proxied.prometheus.scrape_configs).toEqual([
      {
        job_name: "watchkeeper",
        scheme: "https",
        metrics_path: "/wk/metrics",
        basic_auth: { username: "prometheus", password_file: "watchkeeper-password" },
        tls_config: { ca_file: "watchkeeper-ca.pem" },
        static_configs: [{ targets: ["[fd00::1]:443"] }],
      },
    ]);
    expect(proxied.text).toContain("# - watchkeeper-password: ");
  });

  it("needs no honor_labels, because no series has a label that a scrape gives", () => {
    const metrics = packs.flatMap(({ collector, selfMetrics = {} }) => [
      ...(collector?.parts ?? []).flatMap((part) => Object.values(part.metrics)),
      ...Object.values(selfMetrics),
    ]);
    expect(metrics.length).toBeGreaterThan(100);
    expect(metrics.filter(({ labels }) => labels.includes("job") || labels.includes("instance"))).toEqual([]);
  });

  it("sends to all replicas of one Alertmanager, each as it is reached", () => {
    const login = { type: "basic", username: "watchkeeper", password: "planted-secret" };
    const urls = ["https://am-1.example.org/am", "https://am-2.example.org:9443/am/", "http://am-3.example.org"];
    const api = { urls, login, ca_file: "/etc/watchkeeper/am-ca.pem" };
    const basic_auth = { username: "watchkeeper", password_file: "alertmanager-password" };
    const { prometheus, text } = written([{ name: "lab", alertmanager: api }]);
    expect(prometheus.alerting?.alertmanagers).toEqual([
      {
        scheme: "https",
        path_prefix: "/am",
        basic_auth,
        tls_config: { ca_file: "alertmanager-ca.pem" },
        static_configs: [{ targets: ["am-1.example.org:443", "am-2.example.org:9443"] }],
      },
      { basic_auth, static_configs: [{ targets: ["am-3.example.org:80"] }] },
    ]);
    expect(text.match(/# - alertmanager-password: /g)).toHaveLength(1);
  });

  it("sends to one source only, and names those that it leaves out", () => {
    const of = (name: string) => ({ name, alertmanager: { urls: [`http://${name}.example.org:9093`] } });
    const { text, prometheus } = written([{ name: "mute" }, of("lab"), of("site")]);
    expect(prometheus.alerting?.alertmanagers).toEqual([{ static_configs: [{ targets: ["lab.example.org:9093"] }] }]);
    expect(text).toMatch(/left out, .*\n# site\.$/m);
    expect(written([{ name: "mute" }]).prometheus).not.toHaveProperty("alerting");
  });

  it("reads the rules from where they are written beside it, and the watchdog's", () => {
    const rules = ["../../alerts/rules/vault.yaml", "../../alerts/slo/*.yaml"];
    expect(written([{ name: "lab" }]).prometheus.rule_files).toEqual(rules);
    expect(written([{ name: "lab", watchdog: {} }]).prometheus.rule_files).toEqual([...rules, "watchdog.yaml"]);
  });
});

describe("the rule of a watchdog", () => {
  const ruleOf = (matchers: readonly string[]) => {
    const text = written([{ name: "lab", watchdog: { matchers } }]).texts.get("deploy/prometheus/watchdog.yaml");
    return text === undefined
      ? undefined
      : (parse(text) as { groups: readonly [{ rules: readonly [object] }] }).groups[0].rules[0];
  };

  it("always fires with what Watchkeeper matches it by", () => {
    expect(ruleOf(['alertname="Alive"', 'cluster="lab"', 'severity!="critical"'])).toMatchObject({
      alert: "Alive",
      expr: "vector(1)",
      labels: { severity: "none", cluster: "lab" },
    });
    expect(ruleOf(['alertname="Alive"', 'severity="info"'])).toMatchObject({ labels: { severity: "info" } });
  });

  it("is not invented where the matchers do not say what it is", () => {
    expect(ruleOf(['alertname=~"Alive|Watchdog"'])).toBeUndefined();
    expect(ruleOf(['alertname="Alive"', 'cluster=~"lab|site"'])).toBeUndefined();
  });
});
