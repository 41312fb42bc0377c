import { startKubernetesLab } from "../../src/lab/kubernetes/kubernetes-lab.ts";
import type { KubernetesCluster } from "../helpers/kubernetes-api.ts";
import { describeKubernetesContract } from "./kubernetes-certificates-contract.ts";

async function startCluster(): Promise<KubernetesCluster> {
  const lab = await startKubernetesLab();
  return {
    url: lab.url,
    caPem: lab.caPem,
    token: lab.token,
    login: (rights) => Promise.resolve(lab.grant(rights)),
    stop: () => lab.stop(),
    start: () => lab.start(),
    close: () => lab.close(),
  };
}

describeKubernetesContract(startCluster);
