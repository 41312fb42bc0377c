import { beforeEach, describe, expect, it } from "vitest";
import { packs } from "../../collectors/index.ts";
import { seconds } from "../../core/duration.ts";
import { CollectError } from "../../core/errors.ts";
import type { TraceSource } from "../../core/telemetry.ts";
import { fakePrometheus, type FakePrometheus } from "../prometheus/__fixtures__/fake-prometheus.ts";
import { openMetricSource } from "../prometheus/source.ts";
import { resolveScope, type ScopeMeans } from "./scope.ts";

type Labels = Readonly<Record<string, string>>;

const labelMap = {
  service: ["service", "app"],
  namespace: ["namespace"],
  pod: ["pod"],
  node: ["node", "host"],
} as const;
const relations = packs.flatMap((pack) => pack.relations ?? []);
const window = { from: 1_000_000, to: 2_000_000 };
let fake: FakePrometheus;

beforeEach(() => {
  fake = fakePrometheus();
});

const tell = (...series: readonly (readonly [name: string, labels: Labels])[]) =>
  (fake.series = series.map(([name, labels]) => ({ labels: { ...labels, __name__: name }, value: () => 1 })));

const resolve = (labels: Labels, means: Partial<ScopeMeans> = {}) =>
  resolveScope(labels, {
    labelMap,
    relations,
    metrics: openMetricSource(fake.target),
    traces: undefined,
    window,
    deadline: seconds(10),
    signal: AbortSignal.timeout(20_000),
    ...means,
  });
const entities = async (labels: Labels, means?: Partial<ScopeMeans>) =>
  (await resolve(labels, means)).entities.map(({ kind, name, distance }) => `${distance} ${kind} ${name}`);

const guest = (id: string, name: string, node: string) =>
  ["pve_guest_info", { target: "lab", id, name, node, template: "0" }] as const;
const CLUSTER = [
  guest("qemu/101", "db", "pve1"),
  guest("qemu/102", "web", "pve1"),
  guest("qemu/103", "mail", "pve2"),
  ["pve_node_info", { target: "lab", id: "node/pve1", name: "pve1" }],
  ["pve_node_info", { target: "lab", id: "node/pve2", name: "pve2" }],
  ["pve_storage_info", { target: "lab", id: "storage/pve1/local", node: "pve1", storage: "local" }],
  ["pve_storage_info", { target: "lab", id: "storage/pve2/local", node: "pve2", storage: "local" }],
  ["pve_zfs_pool_size_bytes", { target: "lab", node: "pve1", pool: "rpool" }],
] as const;

describe("labels of an alert", () => {
  it("name things by the map, the best label first", async () => {
    const { entities: found, filter } = await resolve({
      alertname: "x",
      app: "worse",
      service: "shop",
      namespace: "prod",
      pod: "shop-1",
      severity: "critical",
    });
    expect(found.map(({ kind, name, labels }) => ({ kind, name, labels }))).toEqual([
      { kind: "service", name: "shop", labels: { namespace: "prod", service: "shop" } },
      { kind: "pod", name: "shop-1", labels: { namespace: "prod", pod: "shop-1" } },
      { kind: "namespace", name: "prod", labels: {} },
    ]);
    expect(found[0]?.because).toBe("named by the label service");
    expect(found[0]?.also).toEqual([{ service: "shop" }, { app: "shop" }]);
    expect(filter).toEqual({ services: ["shop"], namespaces: ["prod"], pods: ["shop-1"], hosts: [] });
  });

  it("name a pod before its namespace, which is what they are about only by itself", async () => {
    expect(await entities({ namespace: "prod", pod: "shop-1" })).toEqual(["0 pod shop-1", "0 namespace prod"]);
    expect(await entities({ namespace: "prod" })).toEqual(["0 namespace prod"]);
  });

  it("that are unknown, empty or inherited do no harm, and what names nothing is told", async () => {
    for (const labels of [{}, { alertname: "x", foo: "bar" }, { service: "" }, { service: "\u202e\n" }]) {
      const { entities: found, filter, notes } = await resolve(labels);
      expect(found).toEqual([]);
      expect(filter).toEqual({ services: [], namespaces: [], pods: [], hosts: [] });
      expect(notes[0]).toMatch(/^no label names a thing that is known/);
    }
    expect(await entities({}, { labelMap: { service: ["constructor", "__proto__"] } })).toEqual([]);
  });

  it("name the machine that was asked when there is nothing else, but not Watchkeeper", async () => {
    expect(await entities({ instance: "pve1:9100" })).toEqual(["0 node pve1"]);
    expect(await entities({ instance: "pve1:9100", service: "shop" })).toEqual(["0 service shop"]);
    expect(await entities({ instance: "watchkeeper:9700", target: "vault" })).toEqual([]);
  });

  it("lead to the things of the packs by themselves", async () => {
    tell(
      ...CLUSTER,
      ["truenas_dataset_used_bytes", { target: "nas", pool: "tank", dataset: "tank/media" }],
      ["truenas_pool_info", { target: "nas", pool: "tank" }],
      ["vault_info", { target: "vault", node: "v1" }],
      ["vault_info", { target: "vault", node: "v2" }],
      ["pbs_datastore_usable", { target: "pbs", datastore: "main" }],
      ["x509_cert_not_after", { target: "certs", location: "secret web/tls", secret_namespace: "web" }],
    );
    const from = (labels: Labels) => entities(labels, { labelMap: {} });
    expect(await from({ target: "nas", pool: "tank", dataset: "tank/media" })).toEqual([
      "0 dataset tank/media",
      "0 pool tank",
      "1 node nas",
    ]);
    expect(await from({ target: "nas" })).toEqual(["0 node nas", "1 pool tank", "2 dataset tank/media"]);
    expect(await from({ target: "vault" })).toEqual(["0 service vault", "1 vault_node v1", "1 vault_node v2"]);
    expect(await from({ target: "vault", node: "v1" })).toEqual(["0 vault_node v1", "1 service vault"]);
    expect(await from({ target: "pbs", datastore: "main" })).toEqual(["0 storage main", "1 node pbs"]);
    expect(await from({ target: "certs", location: "secret web/tls" })).toEqual([
      "0 certificate secret web/tls",
      "1 namespace web",
    ]);
    expect(await from({ target: "lab", node: "pve2", storage: "local" })).toEqual([
      "0 node pve2",
      "0 storage local",
      "1 guest mail",
    ]);
  });

  it("that another target has too lead to none of its things", async () => {
    tell(...CLUSTER);
    expect(await entities({ target: "other", id: "qemu/101" }, { labelMap: {} })).toEqual([]);
  });

  it("of a Vault node name no machine", async () => {
    tell(["vault_info", { target: "vault", node: "v1" }]);
    expect(await entities({ target: "vault", node: "v1" })).toEqual(["0 vault_node v1", "1 service vault"]);
  });
});

describe("neighbours", () => {
  it("are what a thing stands on, two steps far, and no siblings", async () => {
    tell(...CLUSTER);
    const { entities: found, filter } = await resolve({ target: "lab", id: "qemu/101", name: "db" });
    expect(found.map(({ kind, name, distance, because }) => [kind, name, distance, because])).toEqual([
      ["guest", "db", 0, "named by the label id"],
      ["node", "pve1", 1, "guest db runs on it"],
      ["storage", "local", 2, "node pve1 uses it"],
      ["pool", "rpool", 2, "node pve1 has it"],
    ]);
    expect(found[1]).toMatchObject({
      labels: { target: "lab", node: "pve1" },
      also: [{ target: "lab", id: "node/pve1" }],
    });
    expect(found[2]?.labels).toEqual({ target: "lab", id: "storage/pve1/local" });
    expect(filter.hosts).toEqual(["db", "pve1"]);
  });

  it("are what stands on a thing", async () => {
    tell(...CLUSTER);
    expect(await entities({ target: "lab", node: "pve1", pool: "rpool" })).toEqual([
      "0 node pve1",
      "0 pool rpool",
      "1 guest db",
      "1 guest web",
      "1 storage local",
    ]);
  });

  it("lead from a pod over its machine to the host of the guest that the machine is", async () => {
    tell(
      guest("qemu/110", "worker1", "pve1"),
      ["kube_pod_info", { namespace: "prod", pod: "shop-1", node: "worker1" }],
      ["kube_pod_labels", { namespace: "prod", pod: "shop-1", label_app_kubernetes_io_name: "shop" }],
    );
    expect(await entities({ service: "shop", namespace: "prod" })).toEqual([
      "0 service shop",
      "0 namespace prod",
      "1 pod shop-1",
      "2 node worker1",
    ]);
    const { entities: found, filter } = await resolve({ node: "worker1" });
    expect(found.map(({ kind, name, distance }) => `${distance} ${kind} ${name}`)).toEqual([
      "0 node worker1",
      "1 guest worker1",
      "1 pod shop-1",
      "2 node pve1",
      "2 service shop",
    ]);
    expect(filter.hosts).toEqual(["worker1"]);
  });

  it("are the pods and machines that metrics of a service name beside it", async () => {
    const shop = (pod: string, node: string) =>
      ["requests_total", { service: "shop", namespace: "prod", pod, node }] as const;
    tell(shop("shop-1", "n1"), shop("shop-2", "n2"), [
      "requests_total",
      { service: "mail", namespace: "prod", pod: "mail-1", node: "n3" },
    ]);
    const { entities: found, filter } = await resolve({ service: "shop", namespace: "prod" });
    expect(found.map(({ kind, name, distance, because }) => [kind, name, distance, because])).toEqual([
      ["service", "shop", 0, "named by the label service"],
      ["namespace", "prod", 0, "named by the label namespace"],
      ["pod", "shop-1", 1, "service shop runs as it"],
      ["pod", "shop-2", 1, "service shop runs as it"],
      ["node", "n1", 2, "service shop runs on it"],
      ["node", "n2", 2, "service shop runs on it"],
    ]);
    expect(found[2]?.labels).toEqual({ namespace: "prod", pod: "shop-1" });
    expect(found[4]).toMatchObject({ labels: { node: "n1", pod: "" }, also: [{ instance: "n1" }] });
    expect(filter).toMatchObject({ services: ["shop"], pods: ["shop-1", "shop-2"], hosts: [] });
  });

  it("of a service with many pods are bounded", async () => {
    tell(...Array.from({ length: 30 }, (_, i) => ["up", { service: "shop", pod: `p${i}`, node: `n${i}` }] as const));
    const { entities: found, notes } = await resolve({ service: "shop" });
    expect(found).toHaveLength(21);
    expect(notes).toEqual(["20 more pods of shop are left out", "20 more machines of shop are left out"]);
  });

  it("of a service do not bring the lines of everything on its machine", async () => {
    tell(["target_info", { job: "shop", host_name: "worker1", k8s_pod_name: "shop-1" }]);
    const { filter } = await resolve({ service: "shop" });
    expect(filter).toMatchObject({ services: ["shop"], pods: ["shop-1"], hosts: [] });
  });

  it("are bounded, and what is left out is told", async () => {
    tell(...Array.from({ length: 300 }, (_, i) => guest(`qemu/${i}`, `g${String(i).padStart(3, "0")}`, "pve1")));
    const { entities: found, notes } = await resolve({ target: "lab", node: "pve1" });
    expect(found).toHaveLength(11);
    expect(found[1]?.name).toBe("g000");
    expect(notes).toEqual(["290 more of the kind guest are left out (runs on node pve1)"]);
    expect(fake.asked.length).toBeLessThan(40);
  });

  it("tell guests apart that have one name", async () => {
    tell(guest("qemu/1", "db", "pve1"), guest("qemu/2", "db", "pve2"));
    expect(await entities({ target: "lab", id: "qemu/2" })).toEqual(["0 guest db", "1 node pve2"]);
  });

  it("are not known when metrics can not be read: the scope stands and says so", async () => {
    fake.fault = () => new CollectError("connection_refused", "nobody is there");
    const { entities: found, notes } = await resolve({ target: "lab", node: "pve1" });
    expect(found.map(({ name }) => name)).toEqual(["pve1"]);
    expect(notes).toEqual(["what hangs together could not be read from metrics: nobody is there"]);
  });

  it("are given up at the deadline", async () => {
    fake.fault = () => "hang";
    const { entities: found, notes } = await resolve({ node: "pve1" }, { deadline: seconds(0.05) });
    expect([found.length, notes.length]).toEqual([1, 1]);
  });

  it("are not waited for when the caller is gone", async () => {
    fake.fault = () => "hang";
    const gone = new AbortController();
    const asked = resolve({ node: "pve1" }, { signal: gone.signal });
    gone.abort(new Error("stopped"));
    await expect(asked).rejects.toThrow("stopped");
  });
});

describe("services that call each other", () => {
  const traces = (neighbours: TraceSource["neighbours"]): TraceSource => ({
    kind: "tempo",
    neighbours,
    read: () => Promise.reject(new Error("not asked")),
    trace: () => Promise.reject(new Error("not asked")),
    check: () => Promise.resolve([]),
    close: () => Promise.resolve(),
  });
  const answer = (calls: readonly string[], calledBy: readonly string[]) =>
    traces(() => Promise.resolve({ calls, calledBy, notes: ["of 20 traces"], queries: [] }));

  it("are neighbours, each once and not the service itself", async () => {
    const {
      entities: found,
      filter,
      notes,
    } = await resolve(
      { service: "shop", namespace: "prod" },
      { traces: answer(["db", "shop", "mail", "db"], ["web", "db"]) },
    );
    expect(found.map(({ name, distance, because }) => [name, distance, because])).toEqual([
      ["shop", 0, "named by the label service"],
      ["prod", 0, "named by the label namespace"],
      ["db", 1, "shop calls it"],
      ["mail", 1, "shop calls it"],
      ["web", 1, "it calls shop"],
    ]);
    expect(found[2]).toMatchObject({ labels: { service: "db" }, also: [{ app: "db" }] });
    expect(filter.services).toEqual(["shop", "db", "mail", "web"]);
    expect(notes).toEqual(["of 20 traces"]);
  });

  it("are bounded", async () => {
    const many = Array.from({ length: 40 }, (_, i) => `s${i}`);
    const { entities: found, notes } = await resolve({ service: "shop" }, { traces: answer(many, []) });
    expect(found).toHaveLength(11);
    expect(notes).toContain("30 more services are left out that shop calls");
  });

  it("are not known when traces can not be read", async () => {
    const down = traces(() => Promise.reject(new CollectError("timeout", "too late")));
    const { notes } = await resolve({ service: "shop" }, { traces: down });
    expect(notes).toEqual(["the neighbours of shop are not known: too late"]);
  });

  it("are given up at the deadline though their source does not heed it", async () => {
    const deaf = traces(() => new Promise(() => {}));
    const { notes } = await resolve({ service: "shop" }, { traces: deaf, deadline: seconds(0.05) });
    expect(notes[0]).toMatch(/^the neighbours of shop are not known/);
  });
});
