import { describeKubernetesContract } from "../contract/kubernetes-certificates-contract.ts";
import { describeReal } from "../helpers/describe-real.ts";
import { startKubernetes } from "../helpers/kubernetes-server.ts";

describeReal("a real Kubernetes API", ["kubernetes-api"], (paths) =>
  describeKubernetesContract(() => startKubernetes(paths["kubernetes-api"])),
);
