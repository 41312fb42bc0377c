import { clusterSignals } from "./signals/cluster.ts";
import { figures } from "./signals/figures.ts";
import { summarySignals } from "./signals/summary.ts";

/** What can be asked of a Vault or OpenBao cluster. */
export const vaultSignals = { ...summarySignals, ...clusterSignals, ...figures };
