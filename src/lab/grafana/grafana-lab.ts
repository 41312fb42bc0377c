import type { LabAnswer, LabRequest } from "../exchange.ts";
import { startLabServer, type LabServer } from "../server.ts";
import { accountOf, rightsOf, type LabAccount } from "./access.ts";
import { json, refusal } from "./answers.ts";
import { legacyAnswer } from "./legacy.ts";
import { resourceAnswer, type ResourceOptions } from "./resources.ts";
import { GrafanaStore } from "./store.ts";

/** Versions that are emulated. */
export type LabGrafanaVersion = keyof typeof VERSIONS;

const VERSIONS = {
  "8.5.0": { dashboards: [], folders: [], hidesMessage: false },
  "11.6.0": { dashboards: ["v0alpha1"], folders: ["v0alpha1"], hidesMessage: false },
  "12.4.1": { dashboards: ["v1beta1", "v0alpha1"], folders: ["v1beta1"], hidesMessage: false },
  "13.1.3": { dashboards: ["v2", "v1", "v1beta1"], folders: ["v1", "v1beta1"], hidesMessage: true },
} as const satisfies Record<string, ResourceOptions>;

/** What an emulated Grafana is started with. */
export interface GrafanaLabOptions {
  readonly version: LabGrafanaVersion;
  readonly accounts?: readonly LabAccount[];
}

/** Answers one request; `truly` does what Grafana would have done. */
export type Act = (truly: () => LabAnswer) => LabAnswer | "abort";

/** An emulated Grafana of one organisation. */
export interface GrafanaLab extends Pick<LabServer, "url" | "requests" | "setFault" | "close"> {
  /** What it holds: people save here. */
  readonly store: GrafanaStore;
  /** Lets `act` answer the next request (or so many) of the method and of a path that begins so. */
  onNext(request: { readonly method: string; readonly path: string; readonly times?: number }, act: Act): void;
}

interface Planned {
  readonly method: string;
  readonly path: string;
  readonly act: Act;
  left: number;
}

/** The one that may do all. */
export const LAB_GRAFANA_ACCOUNT: LabAccount = { login: "sa-watchkeeper", token: "glsa_lab_admin_4242", role: "admin" };

/** Starts an emulated Grafana, with optimistic locking, rights and the habits of its storage. */
export async function startGrafanaLab({
  version,
  accounts = [LAB_GRAFANA_ACCOUNT],
}: GrafanaLabOptions): Promise<GrafanaLab> {
  const store = new GrafanaStore();
  const planned: Planned[] = [];
  const server = await startLabServer({
    handler: (request) => {
      const truly = (): LabAnswer => answer(store, accounts, version, request);
      const plan = planned.find(
        ({ method, path, left }) => left > 0 && request.method === method && request.path.startsWith(path),
      );
      if (plan === undefined) return truly();
      plan.left -= 1;
      return plan.act(truly);
    },
  });
  return {
    url: server.url,
    requests: server.requests,
    store,
    setFault: (fault) => server.setFault(fault),
    close: () => server.close(),
    onNext: ({ method, path, times = 1 }, act) => void planned.push({ method, path, act, left: times }),
  };
}

function answer(
  store: GrafanaStore,
  accounts: readonly LabAccount[],
  version: LabGrafanaVersion,
  request: LabRequest,
): LabAnswer {
  if (request.path === "/api/health") return json(200, { commit: "0a1b2c3d", database: "ok", version });
  const account = accountOf(request, accounts);
  if (account === undefined)
    return refusal(401, "Invalid API key", { messageId: "api-key.invalid", statusCode: 401, traceID: "" });
  if (request.path === "/api/access-control/user/permissions") return json(200, rightsOf(account));
  return (
    legacyAnswer(store, account, request) ??
    resourceAnswer(store, account, request, VERSIONS[version]) ??
    refusal(404, "Not found")
  );
}
