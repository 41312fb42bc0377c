import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { outputs } from "../../src/app/outputs.ts";
import { kinds } from "../../src/cli/kinds.ts";
import { packs } from "../../src/collectors/index.ts";
import { loadConfig } from "../../src/config/load.ts";
import { packageRoot } from "../../src/lib/package.ts";
import { notifiers } from "../../src/notifiers/index.ts";
import {
  chartFolder,
  chartText,
  exampleValues,
  readManifests,
  renderChart,
  theOne,
  type ChartValues,
  type Manifest,
} from "../helpers/chart.ts";
import { describeReal } from "../helpers/describe-real.ts";
import { createTemporaryFolder } from "../helpers/janitor.ts";
import { runProgram } from "../helpers/process.ts";

const EXTERNAL_URL = "https://watchkeeper.example.org";
const POSTGRES = { config: { store: { postgres: { url_file: "postgres-url" } } }, networkPolicy: { enabled: false } };

const kindsIn = (manifests: readonly Manifest[]): string[] =>
  [...new Set(manifests.map(({ kind }) => kind))].toSorted();

/** Labels that the Prometheus operator gives to every target of a ServiceMonitor. */
const OPERATORS_LABELS = ["namespace", "service", "pod", "container", "endpoint", "job", "instance"];

const ownLabels = new Set<string>(
  packs.flatMap((pack) =>
    [
      ...(pack.collector?.parts ?? []).flatMap(({ metrics }) => Object.values(metrics)),
      ...Object.values(pack.selfMetrics ?? {}),
    ].flatMap(({ labels }) => labels),
  ),
);

/** The files that a configuration names by a path of their own. */
const namedFiles = (value: unknown): readonly string[] =>
  typeof value !== "object" || value === null
    ? []
    : Object.entries(value).flatMap(([key, inner]: [string, unknown]) =>
        key.endsWith("_file") && typeof inner === "string" ? [inner] : namedFiles(inner),
      );

describeReal("the Helm chart", ["helm"], ({ helm }) => {
  let homelab: ChartValues;
  let highAvailability: ChartValues;
  let small: readonly Manifest[];
  let large: readonly Manifest[];
  let largeText: string;
  beforeAll(async () => {
    homelab = await exampleValues("homelab");
    highAvailability = await exampleValues("high-availability");
    small = await renderChart(helm, homelab);
    largeText = await chartText(helm, highAvailability);
    large = readManifests(largeText);
  });

  it.each(["homelab", "high-availability"])("has nothing that lint complains of, with the example %s", async (name) => {
    const values = join(chartFolder, `examples/${name}.yaml`);
    const { code, stdout } = await runProgram(helm, ["lint", chartFolder, "--strict", "--quiet", "--values", values]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
  });

  it("makes the least without any value", async () => {
    expect(kindsIn(await renderChart(helm, {}))).toEqual([
      "ConfigMap",
      "NetworkPolicy",
      "Service",
      "ServiceAccount",
      "StatefulSet",
    ]);
  });

  it("keeps SQLite's file on a disk of the only pod", () => {
    expect(theOne(small, "StatefulSet")).toMatchObject({
      spec: {
        replicas: 1,
        serviceName: theOne(small, "Service", "watchkeeper-pods").metadata.name,
        template: { spec: { containers: [{ volumeMounts: [{ name: "data", mountPath: "/data" }, {}, {}] }] } },
        volumeClaimTemplates: [{ metadata: { name: "data" }, spec: { resources: { requests: { storage: "1Gi" } } } }],
      },
    });
    expect(theOne(small, "Service", "watchkeeper-pods")).toMatchObject({ spec: { clusterIP: "None" } });
  });

  it("runs replicas on PostgreSQL that a drain or an update leaves enough of", () => {
    expect(kindsIn(large)).not.toContain("StatefulSet");
    expect(theOne(large, "Deployment")).toMatchObject({
      spec: { replicas: 3, strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } } },
    });
    expect(theOne(large, "PodDisruptionBudget")).toMatchObject({ spec: { maxUnavailable: 1 } });
  });

  it("leaves the number of replicas to the autoscaler where there is one", async () => {
    const scaled = await renderChart(helm, { ...POSTGRES, autoscaling: { enabled: true, maxReplicas: 6 } });
    expect(theOne(scaled, "Deployment")["spec"]).not.toHaveProperty("replicas");
    expect(theOne(scaled, "HorizontalPodAutoscaler")).toMatchObject({
      spec: { scaleTargetRef: { kind: "Deployment", name: "watchkeeper" }, minReplicas: 2, maxReplicas: 6 },
    });
  });

  it.each(["homelab", "high-availability"])("makes a configuration of the example %s without a fault", async (name) => {
    const folder = await createTemporaryFolder("chart");
    onTestFinished(() => folder.remove());
    const { data } = theOne(name === "homelab" ? small : large, "ConfigMap", "watchkeeper") as Manifest & {
      data: Readonly<Record<string, string>>;
    };
    const values = name === "homelab" ? homelab : highAvailability;
    for (const file of namedFiles(values["config"])) await writeFile(join(folder.path, file), "postgres://any");
    for (const [file, text] of Object.entries(data)) await writeFile(join(folder.path, file), text);
    const config = await loadConfig({ ...kinds, file: join(folder.path, "watchkeeper.yaml"), env: {} });
    expect(config.server.listen).toEqual({ port: 9797 });
    expect(config.store).toMatchObject(
      name === "homelab" ? { type: "sqlite", path: "/data/watchkeeper.db" } : { type: "postgres" },
    );
  });

  it("starts new pods when the configuration changes, and only then", async () => {
    const checksum = async (level: string) => {
      const set = theOne(await renderChart(helm, { config: { log: { level } } }), "StatefulSet");
      return (set["spec"] as { template: Manifest }).template.metadata.annotations?.["checksum/config"];
    };
    const first = await checksum("info");
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect(await checksum("info")).toBe(first);
    expect(await checksum("debug")).not.toBe(first);
  });

  describe("for the Prometheus operator", () => {
    const written = outputs(packs, notifiers, {
      format: "prometheusrule",
      dashboards: "sidecar",
      externalUrl: EXTERNAL_URL,
    });
    const resources = (kind: string) =>
      written
        .filter((one) => one.kind === kind && one.path.endsWith(".yaml"))
        .flatMap(({ text }) => readManifests(text));

    /** Names of objects of which a part is not as wanted: the whole difference would be long. */
    const stale = (wanted: readonly Manifest[], part: (manifest: Manifest) => unknown): readonly string[] =>
      wanted
        .filter((one) => !isDeepStrictEqual(part(theOne(large, one.kind, one.metadata.name)), part(one)))
        .map(({ metadata }) => `${metadata.name} is stale: run \`npm run generate\``);

    it("scrapes each replica once, and lets no label of its own take the place of ours", () => {
      const { spec } = theOne(large, "ServiceMonitor") as Manifest & {
        spec: {
          selector: { matchLabels: Record<string, string> };
          endpoints: readonly [{ relabelings: readonly { action: string; regex: string }[] }];
        };
      };
      for (const manifests of [small, large]) {
        const chosen = manifests.filter(
          ({ kind, metadata }) =>
            kind === "Service" &&
            Object.entries(spec.selector.matchLabels).every(([name, value]) => metadata.labels?.[name] === value),
        );
        expect(chosen.map(({ metadata }) => metadata.name)).toEqual(["watchkeeper"]);
      }
      const colliding = OPERATORS_LABELS.filter((label) => ownLabels.has(label));
      expect(colliding).toContain("endpoint");
      expect(spec.endpoints[0].relabelings).toEqual([{ action: "labeldrop", regex: colliding.join("|") }]);
    });

    it("lets the series of a target go on in another pod, and takes more relabelling after that", async () => {
      const more = { sourceLabels: ["__name__"], regex: "pve_.+", targetLabel: "job", replacement: "pve" };
      const manifests = await renderChart(helm, { serviceMonitor: { enabled: true, metricRelabelings: [more] } });
      const ofTarget = { sourceLabels: ["target"], regex: ".+" };
      expect(theOne(manifests, "ServiceMonitor")).toMatchObject({
        spec: {
          endpoints: [
            {
              metricRelabelings: [
                { ...ofTarget, targetLabel: "instance", replacement: "watchkeeper" },
                { ...ofTarget, targetLabel: "pod", replacement: "" },
                more,
              ],
            },
          ],
        },
      });
    });

    it("has the rules that `watchkeeper generate rules` writes", () => {
      const wanted = resources("rules");
      expect(large.filter(({ kind }) => kind === "PrometheusRule")).toHaveLength(wanted.length);
      expect(stale(wanted, ({ spec }) => spec)).toEqual([]);
    });

    it("has the dashboards that `watchkeeper generate dashboards --format sidecar` writes", () => {
      const wanted = resources("dashboards").filter(({ metadata }) => metadata.labels?.["grafana_dashboard"] === "1");
      expect(large.filter(({ metadata }) => metadata.labels?.["grafana_dashboard"] === "1")).toHaveLength(
        wanted.length,
      );
      expect(stale(wanted, ({ data }) => data)).toEqual([]);
      const [first] = wanted;
      expect(theOne(large, "ConfigMap", first?.metadata.name)).toMatchObject({ metadata: first?.metadata });
    });

    it("reads the matchers of a watchdog as Alertmanager does", async () => {
      const source = {
        name: "own",
        credentials: [{ type: "bearer", token_file: "token" }],
        watchdog: { matchers: ['alertname=~"Watch.*"', "cluster != a b"] },
      };
      const manifests = await renderChart(helm, {
        config: { alerting: { sources: [source] } },
        alertmanagerConfig: { enabled: true, secret: "tokens" },
        networkPolicy: { enabled: false },
      });
      expect(theOne(manifests, "AlertmanagerConfig")).toMatchObject({
        spec: {
          route: {
            routes: [
              {
                matchers: [
                  { name: "alertname", matchType: "=~", value: "Watch.*" },
                  { name: "cluster", matchType: "!=", value: "a b" },
                ],
              },
            ],
          },
        },
      });
    });

    it("has dashboards for the Grafana operator too", async () => {
      const { json, ...spec } = theOne(
        await renderChart(helm, { dashboards: { operator: true, namespace: "grafana" } }),
        "GrafanaDashboard",
        "watchkeeper-overview",
      )["spec"] as { json: string };
      expect(spec).toEqual({ folder: "Watchkeeper", instanceSelector: { matchLabels: { dashboards: "grafana" } } });
      expect(JSON.parse(json)).toMatchObject({ uid: "watchkeeper-overview" });
    });

    it("leaves no link to an installation that is not this one", () => {
      expect(largeText).not.toContain("localhost:9797");
    });

    it("lets Alertmanager send to the source, with its token, and its watchdog every minute", () => {
      const watchdog = { name: "alertname", matchType: "=", value: "Watchdog" };
      expect(theOne(large, "AlertmanagerConfig")).toMatchObject({
        spec: {
          route: { receiver: "watchkeeper", routes: [{ matchers: [watchdog], repeatInterval: "50s" }] },
          receivers: [
            {
              webhookConfigs: [
                {
                  url: "http://watchkeeper.monitoring.svc:9797/api/v1/webhooks/alertmanager/cluster",
                  sendResolved: true,
                  maxAlerts: 0,
                  httpConfig: { authorization: { credentials: { name: "watchkeeper", key: "alertmanager-token" } } },
                },
              ],
            },
          ],
        },
      });
    });
  });

  describe("gives access to Kubernetes", () => {
    const read = (kubernetes: object) =>
      renderChart(helm, {
        config: { targets: { certificates: [{ name: "cluster", kubernetes: [kubernetes] }] } },
        networkPolicy: { enabled: false },
      });
    const rulesOf = (manifests: readonly Manifest[], kind: string) =>
      manifests.filter((one) => one.kind === kind).map(({ rules }) => rules);
    const token = (manifests: readonly Manifest[]) =>
      (theOne(manifests, "StatefulSet")["spec"] as { template: { spec: { automountServiceAccountToken: boolean } } })
        .template.spec.automountServiceAccountToken;

    it("only when it is read", async () => {
      expect(small.filter(({ apiVersion }) => apiVersion.startsWith("rbac."))).toEqual([]);
      expect(token(small)).toBe(false);
      const elsewhere = await read({ kubeconfig_file: "kubeconfig" });
      expect(elsewhere.filter(({ apiVersion }) => apiVersion.startsWith("rbac."))).toEqual([]);
      expect(token(elsewhere)).toBe(false);
    });

    it("to all that is read by default, as the shipped manifest does", async () => {
      const manifests = await read({});
      const shipped = await readFile(join(packageRoot, "deploy/kubernetes/watchkeeper-certificates-rbac.yaml"), "utf8");
      expect(rulesOf(manifests, "ClusterRole")).toEqual(rulesOf(readManifests(shipped), "ClusterRole"));
      expect(manifests.filter(({ kind }) => kind === "ClusterRoleBinding")).toHaveLength(2);
      expect(token(manifests)).toBe(true);
    });

    it("to no more than what is read, in no other namespace", async () => {
      const manifests = await read({ namespaces: ["web", "mail"], read: ["secrets"] });
      expect(rulesOf(manifests, "ClusterRole")).toEqual([]);
      const secrets = [{ apiGroups: [""], resources: ["secrets"], verbs: ["list", "watch"] }];
      expect(rulesOf(manifests, "Role")).toEqual([secrets, secrets]);
      const bindings = manifests.filter(({ kind }) => kind === "RoleBinding");
      expect(bindings.map(({ metadata }) => metadata.namespace)).toEqual(["web", "mail"]);
      expect(rulesOf(await read({ read: ["cabundles"] }), "ClusterRole")).toHaveLength(1);
    });
  });

  it("refuses all traffic but what is named", () => {
    const given = (highAvailability["networkPolicy"] as { egress: readonly unknown[] }).egress;
    const { spec } = theOne(large, "NetworkPolicy") as Manifest & { spec: { egress: readonly unknown[] } };
    expect(spec).toMatchObject({
      policyTypes: ["Ingress", "Egress"],
      ingress: [{ from: [{}, {}, {}], ports: [{ protocol: "TCP", port: 9797 }] }],
    });
    expect(spec.egress.slice(1)).toEqual(given);
    expect(spec.egress[0]).toMatchObject({ ports: [{ port: 53 }, { port: 53 }] });
  });
});
