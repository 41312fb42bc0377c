import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, it, onTestFinished } from "vitest";
import { parse } from "yaml";
import { kinds } from "../../src/cli/kinds.ts";
import { loadConfig } from "../../src/config/load.ts";
import { packageRoot, version } from "../../src/lib/package.ts";
import { exampleValues, renderChart, renderKustomize, theOne, type Manifest } from "../helpers/chart.ts";
import { describeReal } from "../helpers/describe-real.ts";
import { createTemporaryFolder } from "../helpers/janitor.ts";

type Spec = Readonly<Record<string, unknown>>;
type Texts = Readonly<Record<string, string>>;
const specOf = (manifest: Manifest): Spec => manifest["spec"] as Spec;
const podOf = (manifest: Manifest): Spec => (specOf(manifest)["template"] as { spec: Spec }).spec;
const withoutNames = (pod: Spec): unknown =>
  JSON.parse(JSON.stringify(pod).replaceAll(/watchkeeper-[0-9a-z]{10}"/g, 'watchkeeper"'));

describeReal("the Kustomize overlays", ["helm", "kubectl"], ({ helm, kubectl }) => {
  let sqlite: readonly Manifest[];
  let postgres: readonly Manifest[];
  beforeAll(async () => {
    sqlite = await renderKustomize(kubectl, "overlays/sqlite");
    postgres = await renderKustomize(kubectl, "overlays/postgres");
  });

  it("run the same pods as the chart", async () => {
    const ofChart = async (example: string, kind: string) =>
      podOf(theOne(await renderChart(helm, await exampleValues(example)), kind));
    expect(withoutNames(podOf(theOne(sqlite, "StatefulSet")))).toEqual({
      ...withProbeSchemes(await ofChart("homelab", "StatefulSet")),
      automountServiceAccountToken: false,
    });
    const { affinity, topologySpreadConstraints } = await ofChart("high-availability", "Deployment");
    const pod = podOf(theOne(postgres, "Deployment"));
    expect(withInstance(pod["affinity"])).toEqual(affinity);
    expect(withInstance(pod["topologySpreadConstraints"])).toEqual(topologySpreadConstraints);
  });

  it("keep SQLite's file on a disk of the only pod, and share PostgreSQL", () => {
    expect(specOf(theOne(sqlite, "StatefulSet"))).toMatchObject({
      replicas: 1,
      serviceName: theOne(sqlite, "Service", "watchkeeper-pods").metadata.name,
      volumeClaimTemplates: [{ metadata: { name: "data" } }],
    });
    expect(specOf(theOne(postgres, "Deployment"))).toMatchObject({
      replicas: 2,
      strategy: { rollingUpdate: { maxUnavailable: 0 } },
    });
    expect(postgres.map(({ kind }) => kind)).toContain("PodDisruptionBudget");
  });

  it.each(["sqlite", "postgres"])("have in %s a namespace that is restricted, and the version", (name) => {
    const manifests = name === "sqlite" ? sqlite : postgres;
    expect(theOne(manifests, "Namespace").metadata.labels).toMatchObject({
      "pod-security.kubernetes.io/enforce": "restricted",
    });
    const workload = theOne(manifests, name === "sqlite" ? "StatefulSet" : "Deployment");
    expect(podOf(workload)).toMatchObject({ containers: [{ image: `registry.example.org/watchkeeper:${version}` }] });
  });

  it("refuse all traffic but what is named, and let the sources of alerts in", () => {
    for (const manifests of [sqlite, postgres]) {
      const spec = specOf(theOne(manifests, "NetworkPolicy"));
      expect(spec).toMatchObject({
        podSelector: { matchLabels: { "app.kubernetes.io/name": "watchkeeper" } },
        policyTypes: ["Ingress", "Egress"],
        ingress: [
          {
            from: ["prometheus", "alertmanager", "grafana"].map((name) => ({
              podSelector: { matchLabels: { "app.kubernetes.io/name": name } },
            })),
          },
        ],
        egress: expect.arrayContaining([expect.objectContaining({ to: [{ ipBlock: { cidr: "192.0.2.0/24" } }] })]),
      });
    }
  });

  it("let Watchkeeper ask Alertmanager what still fires, and so do the chart's examples", async () => {
    const examples = ["homelab", "high-availability"].map(async (name) => renderChart(helm, await exampleValues(name)));
    for (const manifests of [sqlite, postgres, ...(await Promise.all(examples))]) {
      const [text = ""] = manifests.flatMap((one) => (one["data"] as Texts | undefined)?.["watchkeeper.yaml"] ?? []);
      const { alerting } = parse(text) as { alerting: { sources: readonly [{ alertmanager: { urls: [string] } }] } };
      const { hostname, port } = new URL(alerting.sources[0].alertmanager.urls[0]);
      const peer = {
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": hostname.split(".")[1] } },
        podSelector: { matchLabels: { "app.kubernetes.io/name": "alertmanager" } },
      };
      expect(specOf(theOne(manifests, "NetworkPolicy"))["egress"]).toContainEqual({
        to: [peer],
        ports: [expect.objectContaining({ port: Number(port) })],
      });
    }
  });

  it("scrape each replica once", () => {
    const { selector } = specOf(theOne(postgres, "ServiceMonitor")) as {
      selector: { matchLabels: Readonly<Record<string, string>> };
    };
    const chosen = [...sqlite, ...postgres].filter(
      ({ kind, metadata }) =>
        kind === "Service" &&
        Object.entries(selector.matchLabels).every(([label, value]) => metadata.labels?.[label] === value),
    );
    expect(chosen.map(({ metadata }) => metadata.name)).toEqual(["watchkeeper", "watchkeeper"]);
  });

  it.each(["sqlite", "postgres"])("have in %s a configuration without a fault", async (name) => {
    const folder = await createTemporaryFolder("kustomize");
    onTestFinished(() => folder.remove());
    const source = join(packageRoot, "deploy/kustomize/overlays", name, "watchkeeper.yaml");
    const file = join(folder.path, "watchkeeper.yaml");
    await mkdir(folder.path, { recursive: true });
    await cp(source, file);
    for (const [, named = ""] of (await readFile(source, "utf8")).matchAll(/_file: ([\w.-]+)/g))
      await writeFile(join(folder.path, named), "postgres://any");
    const config = await loadConfig({ ...kinds, file, env: {} });
    expect(config.alerting?.destinations).toHaveLength(1);
  });
});

/** The chart says the scheme of probes, which is HTTP's where nothing is said. */
const withProbeSchemes = (pod: Spec): object =>
  JSON.parse(JSON.stringify(pod).replaceAll(',"scheme":"HTTP"', "")) as object;

/** The chart tells releases apart; of an overlay there is one. */
const withInstance = (part: unknown): unknown =>
  JSON.parse(
    JSON.stringify(part).replaceAll(
      '"app.kubernetes.io/name":"watchkeeper"',
      '"app.kubernetes.io/name":"watchkeeper","app.kubernetes.io/instance":"watchkeeper"',
    ),
  );
