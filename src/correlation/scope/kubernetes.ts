import { info } from "../../core/metric.ts";
import type { Relation } from "../../core/pack.ts";

const pod = { kind: "pod", label: "pod", by: ["namespace", "pod"] } as const;
const node = { kind: "node", label: "node" } as const;

const podInfo = info("kube_pod_info", { help: "A pod and its node.", labels: ["namespace", "pod", "node"] });
const podLabels = {
  ...podInfo,
  name: "kube_pod_labels",
  labels: ["namespace", "pod", "label_app_kubernetes_io_name"],
};
const targetInfo = info("target_info", {
  help: "Resource attributes of what sends metrics by OTLP.",
  labels: ["k8s_pod_name", "host_name"],
});

/** What kube-state-metrics and OpenTelemetry tell of where services run; there is no pack for it. */
export const KUBERNETES_RELATIONS: readonly Relation[] = [
  { metric: podInfo, from: pod, to: node, says: "runs on" },
  { metric: podLabels, from: { kind: "service", label: "label_app_kubernetes_io_name" }, to: pod, says: "runs as" },
  {
    metric: targetInfo,
    from: { kind: "service", label: "job" },
    to: { kind: "pod", label: "k8s_pod_name" },
    says: "runs as",
  },
  {
    metric: targetInfo,
    from: { kind: "service", label: "job" },
    to: { kind: "node", label: "host_name" },
    says: "runs on",
  },
];
