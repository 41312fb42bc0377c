import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/lib/package.ts";
import {
  chartFolder,
  exampleValues,
  readManifests,
  RELEASE,
  renderChart,
  renderKustomize,
  theOne,
  type ChartValues,
  type Manifest,
} from "../helpers/chart.ts";
import { startChartCluster, type ChartCluster } from "../helpers/chart-cluster.ts";
import { describeReal } from "../helpers/describe-real.ts";

const PROGRAMS = ["kubernetes-api", "kubeconform", "kube-score", "helm", "kubectl"] as const;

/** No registry has a module with its definitions. */
const NOT_KNOWN = "GrafanaDashboard";

/** What else may be set: access to the whole cluster, replicas by load, TLS, the Grafana operator. */
const OTHER_VALUES: ChartValues = {
  config: {
    store: { postgres: { url_file: "postgres-url" } },
    targets: { certificates: [{ name: "cluster", kubernetes: [{}] }] },
  },
  secrets: ["watchkeeper"],
  env: [{ name: "HTTPS_PROXY", value: "http://proxy.example.org:3128" }],
  scheme: "https",
  autoscaling: { enabled: true },
  networkPolicy: { egress: [{ ports: [{ port: 5432 }, { port: 6443 }] }] },
  nodeSelector: { "kubernetes.io/arch": "amd64" },
  tolerations: [{ key: "dedicated", operator: "Exists", effect: "NoSchedule" }],
  dashboards: { operator: true },
  serviceMonitor: { enabled: true, tlsConfig: { serverName: "watchkeeper.example.org" } },
};

/** Findings of kube-score that stay, how it is told so, and why. docs/install-kubernetes.md tells users. */
const EXPLAINED = [
  {
    finding: "ImagePullPolicy is not set to Always",
    option: ["--ignore-test", "container-image-pull-policy"],
    because: "a version is never built twice, so an image that a node has is right",
  },
  {
    finding: "CPU limit is not set",
    option: ["--ignore-container-cpu-limit"],
    because: "being throttled would make polls miss their deadlines; memory has a limit",
  },
];

const asYaml = (manifests: readonly Manifest[]): string => manifests.map((one) => stringify(one)).join("---\n");

describeReal("Kubernetes takes what is deployed", PROGRAMS, (paths) => {
  let cluster: ChartCluster;
  beforeAll(async () => void (cluster = await startChartCluster(paths)));
  afterAll(() => cluster?.close());

  describe.each([
    ["the chart without values", () => renderChart(paths.helm, {})],
    ["the chart's example homelab", async () => renderChart(paths.helm, await exampleValues("homelab"))],
    [
      "the chart's example high-availability",
      async () => renderChart(paths.helm, await exampleValues("high-availability")),
    ],
    ["the chart with other values", () => renderChart(paths.helm, OTHER_VALUES)],
    ["the overlay sqlite", () => renderKustomize(paths.kubectl, "overlays/sqlite")],
    ["the overlay postgres", () => renderKustomize(paths.kubectl, "overlays/postgres")],
    ["the application of Argo CD", () => readFiles("deploy/argocd/application.yaml")],
    ["the roles of certificates", () => readFiles("deploy/kubernetes/watchkeeper-certificates-rbac.yaml")],
  ])("%s", (_, render) => {
    let manifests: readonly Manifest[];
    beforeAll(async () => void (manifests = (await render()).filter(({ kind }) => kind !== NOT_KNOWN)));

    it("fits the schemas of the API, with no key that it does not know", async () => {
      const args = ["-strict", "-summary", "-output", "json", "-schema-location", cluster.schemas, "-"];
      const { stdout } = await cluster.run(paths.kubeconform, args, asYaml(manifests));
      // of resources only those that do not fit are told
      expect(JSON.parse(stdout)).toMatchObject({
        resources: [],
        summary: { valid: manifests.length, invalid: 0, errors: 0, skipped: 0 },
      });
    });

    it("is taken by the API server, without a warning", async () => {
      const args = ["apply", "--server-side", "--dry-run=server", "-f", "-"];
      const { code, stdout, stderr } = await cluster.run(paths.kubectl, args, asYaml(manifests));
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout.trim().split("\n")).toHaveLength(manifests.length);
    });

    it("has no finding of kube-score that is not explained", async () => {
      const options = EXPLAINED.flatMap(({ option }) => option);
      expect(await findings(manifests, options)).toEqual([]);
    });
  });

  it("lets the pod in that puts a backup back, onto the disk of the chart's pod", async () => {
    const manifests = await readFiles(RESTORE);
    const set = theOne(await renderChart(paths.helm, await exampleValues("homelab")), "StatefulSet");
    const { volumeClaimTemplates } = set["spec"] as { volumeClaimTemplates: readonly Manifest[] };
    expect(theOne(manifests, "Pod")["spec"]).toMatchObject({
      volumes: [
        { persistentVolumeClaim: { claimName: `${volumeClaimTemplates[0]?.metadata.name}-${set.metadata.name}-0` } },
      ],
    });
    // a whole cluster makes it with the namespace
    await cluster.run(paths.kubectl, ["create", "serviceaccount", "default", "--namespace", "watchkeeper"]);
    const args = ["create", "--dry-run=server", "--namespace", "watchkeeper", "-f", "-"];
    expect(await cluster.run(paths.kubectl, args, asYaml(manifests))).toMatchObject({ code: 0, stderr: "" });
  });

  it("has nothing explained that kube-score does not find", async () => {
    const found = await findings(await renderChart(paths.helm, await exampleValues("high-availability")), []);
    expect(found.map((line) => line.replace(/^.*\) /, "")).toSorted()).toEqual(
      EXPLAINED.map(({ finding }) => finding).toSorted(),
    );
  });

  async function findings(manifests: readonly Manifest[], options: readonly string[]): Promise<readonly string[]> {
    const args = ["score", "--output-format", "ci", ...options, "-"];
    const { stdout, stderr } = await cluster.run(paths["kube-score"], args, asYaml(manifests));
    if (stderr !== "") throw new Error(stderr);
    return stdout.split("\n").filter((line) => line !== "" && !/^\[(?:OK|SKIPPED)\]/.test(line));
  }

  describe("installed by Helm", () => {
    let pod: Manifest;
    beforeAll(async () => {
      const values = join(chartFolder, "examples/high-availability.yaml");
      const args = ["install", RELEASE.name, chartFolder, "--namespace", RELEASE.namespace, "--values", values];
      const { code, stderr } = await cluster.run(paths.helm, args);
      // a release that is too large for a Secret is refused here
      if (code !== 0) throw new Error(stderr);
      const deployment = theOne(await renderChart(paths.helm, await exampleValues("high-availability")), "Deployment");
      const { template } = deployment["spec"] as { template: Manifest };
      pod = { ...template, apiVersion: "v1", kind: "Pod", metadata: { ...template.metadata, name: "one" } };
    });

    const tryPod = (manifest: Manifest) =>
      cluster.run(
        paths.kubectl,
        ["create", "--dry-run=server", "--namespace", RELEASE.namespace, "-f", "-"],
        asYaml([manifest]),
      );

    it("has pods that the restricted standard lets in, and it would refuse others", async () => {
      expect(await tryPod(pod)).toMatchObject({ code: 0, stderr: "" });
      const spec = { ...(pod["spec"] as object), securityContext: {} };
      const { code, stderr } = await tryPod({ ...pod, spec });
      expect(code).not.toBe(0);
      expect(stderr).toContain('violates PodSecurity "restricted:latest"');
    });

    it.each([
      ["list", "", "secrets", "web", true],
      ["watch", "", "secrets", "mail", true],
      ["list", "cert-manager.io", "certificates", "web", true],
      ["get", "", "secrets", "web", false],
      ["list", "", "configmaps", "web", false],
      ["list", "", "secrets", RELEASE.namespace, false],
      ["list", "", "secrets", "kube-system", false],
      ["delete", "", "secrets", "web", false],
      ["create", "", "pods", RELEASE.namespace, false],
      ["list", "apiextensions.k8s.io", "customresourcedefinitions", "", false],
    ])("may %s %s %s in %s: %s", async (verb, group, resource, namespace, may) => {
      const review = {
        apiVersion: "authorization.k8s.io/v1",
        kind: "SubjectAccessReview",
        spec: {
          user: `system:serviceaccount:${RELEASE.namespace}:watchkeeper`,
          resourceAttributes: { verb, group, resource, namespace },
        },
      };
      const args = ["create", "--raw", "/apis/authorization.k8s.io/v1/subjectaccessreviews", "-f", "-"];
      const { stdout, stderr } = await cluster.run(paths.kubectl, args, JSON.stringify(review));
      expect(stderr).toBe("");
      expect(JSON.parse(stdout)).toMatchObject({ status: { allowed: may } });
    });

    it("is upgraded to SQLite and back, and leaves nothing when it is removed", async () => {
      const upgrade = async (example: string) => {
        const values = join(chartFolder, `examples/${example}.yaml`);
        const args = ["upgrade", RELEASE.name, chartFolder, "--namespace", RELEASE.namespace, "--values", values];
        expect(await cluster.run(paths.helm, args)).toMatchObject({ code: 0 });
      };
      await upgrade("homelab");
      await upgrade("high-availability");
      const removed = await cluster.run(paths.helm, ["uninstall", RELEASE.name, "--namespace", RELEASE.namespace]);
      expect(removed).toMatchObject({ code: 0 });
      const kinds = "deployments,statefulsets,services,configmaps,networkpolicies,servicemonitors,prometheusrules";
      const args = [
        "get",
        kinds,
        "--namespace",
        RELEASE.namespace,
        "-l",
        "app.kubernetes.io/name=watchkeeper",
        "-o",
        "name",
      ];
      expect((await cluster.run(paths.kubectl, args)).stdout.trim()).toBe("");
    });
  });
});

const RESTORE = "deploy/kubernetes/watchkeeper-restore.yaml";

const readFiles = async (path: string): Promise<readonly Manifest[]> =>
  readManifests(await readFile(join(packageRoot, path), "utf8"));
