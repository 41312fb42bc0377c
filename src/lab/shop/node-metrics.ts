import type { Draws } from "./draws.ts";
import type { ActiveFault } from "./faults/active-fault.ts";
import type { MetricStore, Written } from "./metric-store.ts";
import { SERVICES } from "./operations.ts";
import type { ShopNode, Topology } from "./topology.ts";

const DAY_S = 86_400;
const gauge = (name: string, help: string) => ({ name, kind: "gauge", help }) as const;
const counter = (name: string, help: string) => ({ name, kind: "counter", help }) as const;

/** Moves series of nodes, certificates and rollouts to the end of a step. */
export type MetricStep = (step: {
  readonly at: number;
  readonly seconds: number;
  readonly load: number;
  readonly isBatch: boolean;
  readonly fault: ActiveFault | undefined;
}) => void;

/** Metrics of what pods run on. */
export function makeNodeMetrics(store: MetricStore, { nodes }: Topology, draws: Draws): MetricStep {
  const steps = nodes.map((node) => makeNode(store, node, draws));
  return (step) => {
    for (const each of steps) each(step);
  };
}

function makeNode(store: MetricStore, node: ShopNode, draws: Draws): MetricStep {
  const owner = node.name;
  const own = (family: ReturnType<typeof gauge | typeof counter>, value: number, more = {}): Written =>
    store.add(family, { node: node.name, ...more }, { owner, value });
  const mount = { mountpoint: "/var/lib", device: "/dev/sda2" };
  own(gauge("node_filesystem_size_bytes", "Size of the file system."), node.diskBytes, mount);
  const available = own(gauge("node_filesystem_avail_bytes", "What can still be written."), 0, mount);
  const load1 = own(gauge("node_load1", "Load of the last minute."), 1);
  const memory = own(gauge("node_memory_MemAvailable_bytes", "Memory that is free."), 0);
  const io = own(counter("node_disk_io_time_seconds_total", "Time in which the disk worked."), draws.span(1e3, 1e5), {
    device: "sda",
  });
  const received = own(counter("node_network_receive_bytes_total", "Bytes received."), draws.span(1e9, 1e12), {
    device: "eth0",
  });
  const usualLoad = draws.span(0.5, 2.5);
  let noise = 0;
  let written = 0;
  return ({ at, seconds, load, isBatch, fault }) => {
    noise = 0.92 * noise + 0.08 * draws.gauss();
    written = written > 0.02 ? 0 : written + 0.00003 * draws.next();
    const used = fault?.diskUsed?.(node, at) ?? node.diskUsed + written;
    available.value = Math.max(0, Math.round(node.diskBytes * (1 - used)));
    load1.value = Math.max(0.01, Number((usualLoad * load * (1 + noise) + (isBatch ? 0.8 : 0)).toFixed(2)));
    memory.value = Math.round(8e9 * (0.5 + 0.1 * noise));
    io.value = (io.value ?? 0) + seconds * Math.min(1, 0.03 * load * (1 + Math.abs(noise)) + (isBatch ? 0.2 : 0));
    received.value = (received.value ?? 0) + Math.round(seconds * 2e5 * load * draws.logNormal(1, 0.2));
  };
}

/** Metrics of certificates and of how often a service was rolled out. */
export function makeFleetMetrics(
  store: MetricStore,
  { namespace, generations }: Topology,
  { draws, from }: { draws: Draws; from: number },
): MetricStep {
  const services = SERVICES.map((service) => {
    const labels = { namespace, service, subject_CN: `${service}.${namespace}.svc`, secret_name: `${service}-tls` };
    const usual = Math.floor(from / 1000) + draws.whole(20, 80) * DAY_S;
    const own = { owner: "fleet", value: usual };
    const notAfter = store.add(gauge("x509_cert_not_after", "When the certificate ends."), labels, own);
    const expired = store.add(gauge("x509_cert_expired", "Whether the certificate has ended."), labels, own);
    const generation = store.add(
      gauge("kube_deployment_status_observed_generation", "How often the deployment changed."),
      { namespace, service, deployment: service },
      { owner: "fleet", value: 1 },
    );
    return { service, usual, notAfter, expired, generation };
  });
  return ({ at, fault }) => {
    for (const { service, usual, notAfter, expired, generation } of services) {
      const end = fault?.certificateEnd?.(service);
      notAfter.value = end === undefined ? usual : Math.floor(end / 1000);
      expired.value = at / 1000 >= notAfter.value ? 1 : 0;
      generation.value = generations.get(service) ?? 1;
    }
  };
}
