import type { ChangeKind } from "../../core/telemetry.ts";

type Labels = Readonly<Record<string, string>>;

/** What series of a metric tell about a change. */
export interface ChangeSign {
  readonly kind: ChangeKind;
  /** A selector, without functions. */
  readonly selector: string;
  /** Where the change is seen: in the value of a series, or in a label that has another value than before. */
  readonly seenIn: SeenInValue | SeenInLabel;
  title(change: { readonly labels: Labels; readonly before: string; readonly after: string }): string;
}

/** A value that changed. */
interface SeenInValue {
  readonly what: "value";
  /** Smaller differences are none, such as a start that is computed anew each time; any unless given. */
  readonly least?: number;
  /** Only these: `up` of what counts, `down` of what starts again at 0; both unless given. */
  readonly direction?: "up" | "down";
}

/** A label whose values come and go. */
interface SeenInLabel {
  readonly what: "label";
  /** The first of them that a series has. */
  readonly labels: readonly string[];
  /** Labels that say which thing it is, whatever others say; what a series lacks counts as empty. */
  readonly of: readonly string[];
  /** Series with other values tell nothing; all unless given. */
  readonly value?: number;
}

/** The first label that says something. */
const nameOf = (labels: Labels, ...names: readonly string[]): string =>
  names.map((name) => labels[name] ?? "").find((text) => text !== "") ?? "something";

const service = (labels: Labels): string =>
  nameOf(labels, "service", "service_name", "app", "job", "target", "container", "instance");
const inNamespace = (labels: Labels, name: string): string =>
  labels["namespace"] === undefined ? name : `${labels["namespace"]}/${name}`;
const moment = (text: string): string => {
  const at = new Date(Number(text) * 1_000);
  return Number.isNaN(at.getTime()) ? text : at.toISOString().slice(0, 19).replace("T", " ");
};

const SERVICE_LABELS = ["job", "service", "service_name", "service_namespace", "app", "namespace", "cluster", "target"];
const VERSIONS = ["version", "tag", "revision"];

const workload = (kind: "deployment" | "statefulset" | "daemonset"): ChangeSign => ({
  kind: "deploy",
  selector: `kube_${kind}_status_observed_generation`,
  seenIn: { what: "value", direction: "up" },
  title: ({ labels, before, after }) =>
    `${kind} ${inNamespace(labels, nameOf(labels, kind))}: generation ${before} -> ${after}`,
});

const boot = (selector: string, words: (labels: Labels) => string): ChangeSign => ({
  kind: "restart",
  selector,
  // node_exporter computes the boot time anew each time, from clocks that drift apart
  seenIn: { what: "value", least: 30, direction: "up" },
  title: ({ labels, after }) => `${words(labels)} was started at ${moment(after)} UTC`,
});

/** Everything that metrics tell about changes. */
export const CHANGE_SIGNS: readonly ChangeSign[] = [
  {
    kind: "deploy",
    selector: '{__name__=~".+_build_info"}',
    seenIn: { what: "label", labels: VERSIONS, of: ["__name__", ...SERVICE_LABELS] },
    title: ({ labels, before, after }) => `${service(labels)}: version ${before} -> ${after}`,
  },
  {
    kind: "deploy",
    selector: 'target_info{service_version!=""}',
    seenIn: { what: "label", labels: ["service_version"], of: SERVICE_LABELS },
    title: ({ labels, before, after }) => `${service(labels)}: version ${before} -> ${after}`,
  },
  {
    kind: "deploy",
    selector: "kube_pod_container_info",
    seenIn: { what: "label", labels: ["image_spec", "image"], of: ["cluster", "namespace", "container"] },
    title: ({ labels, before, after }) =>
      `container ${inNamespace(labels, nameOf(labels, "container"))}: image ${before} -> ${after}`,
  },
  workload("deployment"),
  workload("statefulset"),
  workload("daemonset"),
  {
    kind: "deploy",
    selector: '{__name__=~"pve_node_version_info|pbs_version_info|truenas_version_info|vault_info"}',
    seenIn: { what: "label", labels: ["version"], of: ["__name__", "target", "node"] },
    title: ({ labels, before, after }) => `${nameOf(labels, "node", "target")}: version ${before} -> ${after}`,
  },
  {
    kind: "deploy",
    selector: "truenas_app_info",
    seenIn: { what: "label", labels: ["version"], of: ["target", "app"] },
    title: ({ labels, before, after }) => `app ${nameOf(labels, "app")}: version ${before} -> ${after}`,
  },
  {
    kind: "config",
    selector: '{__name__=~".+_config_last_reload_success_timestamp_seconds"}',
    seenIn: { what: "value", least: 1, direction: "up" },
    title: ({ labels, after }) => `${service(labels)}: configuration loaded at ${moment(after)} UTC`,
  },
  {
    kind: "certificate",
    selector: 'x509_cert_not_before{role="leaf"}',
    seenIn: { what: "label", labels: ["serial_number"], of: ["target", "location", "endpoint"] },
    title: ({ labels, before, after }) =>
      `certificate at ${nameOf(labels, "location", "endpoint")}: serial number ${before} -> ${after}`,
  },
  {
    kind: "certificate",
    // Watchkeeper's own endpoints are told by the sign before
    selector: 'probe_ssl_last_chain_info{endpoint=""}',
    seenIn: { what: "label", labels: ["serialnumber", "fingerprint_sha256"], of: ["job", "instance", "target"] },
    title: ({ labels, before, after }) =>
      `certificate of ${nameOf(labels, "instance", "target")}: ${before} -> ${after}`,
  },
  {
    kind: "migration",
    selector: "pve_guest_info",
    seenIn: { what: "label", labels: ["node"], of: ["target", "id"] },
    title: ({ labels, before, after }) => `guest ${nameOf(labels, "name", "id")}: ${before} -> ${after}`,
  },
  {
    kind: "migration",
    selector: "vault_ha_node_active",
    seenIn: { what: "label", labels: ["node"], of: ["target"], value: 1 },
    title: ({ labels, before, after }) => `Vault ${nameOf(labels, "target")}: active node ${before} -> ${after}`,
  },
  {
    kind: "other",
    selector: "vault_sealed",
    seenIn: { what: "value" },
    title: ({ labels, after }) =>
      `Vault node ${nameOf(labels, "node", "target")} was ${after === "1" ? "sealed" : "unsealed"}`,
  },
  {
    kind: "other",
    selector: "kube_node_spec_unschedulable",
    seenIn: { what: "value" },
    title: ({ labels, after }) => `node ${nameOf(labels, "node")} was ${after === "1" ? "cordoned" : "uncordoned"}`,
  },
  {
    kind: "restart",
    selector: "process_start_time_seconds",
    seenIn: { what: "value", least: 1, direction: "up" },
    title: ({ labels, after }) =>
      `${service(labels)}${labels["instance"] === undefined ? "" : ` (${labels["instance"]})`} was started at ${moment(after)} UTC`,
  },
  boot("node_boot_time_seconds", (labels) => `node ${nameOf(labels, "node", "nodename", "instance")}`),
  boot("truenas_boot_timestamp_seconds", (labels) => `TrueNAS ${nameOf(labels, "target")}`),
  {
    kind: "restart",
    selector: "kube_pod_container_status_restarts_total",
    seenIn: { what: "value", direction: "up" },
    title: ({ labels }) =>
      `container ${nameOf(labels, "container")} of pod ${inNamespace(labels, nameOf(labels, "pod"))} was restarted`,
  },
  {
    kind: "restart",
    selector: "pve_uptime_seconds",
    seenIn: { what: "value", direction: "down" },
    title: ({ labels }) => `${nameOf(labels, "id")} of ${nameOf(labels, "target")} was started anew`,
  },
];
