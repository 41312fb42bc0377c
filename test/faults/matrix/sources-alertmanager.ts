import { join } from "node:path";
import { pino } from "pino";
import { asKnown, FakeAlertmanager } from "../../../src/alerting/repair/__fixtures__/fake-alertmanager.ts";
import { aConfig, aSource, fires, report } from "../../../src/alerting/repair/__fixtures__/setting.ts";
import { checkAlertmanager, readAlertmanager } from "../../../src/alerting/repair/alertmanager-client.ts";
import { viewOf } from "../../../src/alerting/repair/alertmanager-view.ts";
import { Reconciler } from "../../../src/alerting/repair/reconciler.ts";
import { isOpen } from "../../../src/core/alert-group.ts";
import type { AlertmanagerApi } from "../../../src/core/alerting-config.ts";
import type { DeliveryStore } from "../../../src/core/delivery-store.ts";
import { minutes } from "../../../src/core/duration.ts";
import { startLabServer } from "../../../src/lab/server.ts";
import { openSqliteStore } from "../../../src/stores/index.ts";
import { createTemporaryFolder } from "../../helpers/janitor.ts";
import { behindProxy, type Asking, type Reached } from "./behind-proxy.ts";
import { LOGIN, SOURCE_SECRETS } from "./sources-kinds.ts";
import type { MatrixSubject, Observation, UseOptions } from "./subject.ts";

/** An Alertmanager as repair asks it: what it has, and the open groups that are compared with that. */
export const alertmanagerSubject: MatrixSubject = {
  name: "source alertmanager",
  covers: { table: "sources", id: "alertmanager" },
  protocol: "http",
  mostBytes: 128 * 1024 * 1024,
  onlyAt: { huge_body: "/api/v2/status" },
  allows: {
    nan_numbers: { reasons: [], mayOnlySucceed: true, because: "its answers have no numbers" },
    huge_body: { reasons: ["unexpected_shape"], because: "the lists of a storm are as large, so that it is read" },
  },
  open: async () => {
    const alertmanager = new FakeAlertmanager();
    const hosts = ["db-1", "db-2", "web-1"];
    const alerts = hosts.map((host) => fires(host));
    alertmanager.alerts = alerts.map((alert) => asKnown(alert));
    alertmanager.silences = [{ id: "s1", comment: "moving", createdBy: "anna", endsAt: "2030-01-01T00:00:00Z" }];
    const server = await startLabServer({ handler: (request) => alertmanager.handle(request) });
    return behindProxy(server, "alertmanager", (reached) => openRepair(reached, server.url, alerts));
  },
};

async function openRepair({ url, caFile }: Reached, straight: string, alerts: Parameters<typeof report>[2]) {
  const folder = await createTemporaryFolder("matrix-repair");
  const store = await openSqliteStore({ path: join(folder.path, "store.db"), reserveBytes: 0 });
  const api: AlertmanagerApi = { urls: [url], every: minutes(1), caFile, login: LOGIN };
  const config = aConfig({ sources: [aSource({ alertmanager: api })] });
  const group = await report(store, config, alerts);
  const reconciler = new Reconciler({
    store,
    source: "main",
    api,
    config,
    graces: { fresh: 0, resolved: 0, uptime: 60_000, flush: 0 },
    log: pino({ level: "silent" }),
    observer: { repaired: () => undefined },
    onChanged: () => undefined,
  });
  const asking: Asking = {
    use: (options) => compare({ api, straight, store, reconciler, groupId: group.id }, options),
    close: async () => {
      await store.close();
      await folder.remove();
    },
  };
  return asking;
}

interface Compared {
  readonly api: AlertmanagerApi;
  readonly straight: string;
  readonly store: DeliveryStore;
  readonly reconciler: Reconciler;
  readonly groupId: string;
}

async function compare(
  { api, straight, store, reconciler, groupId }: Compared,
  { kind, deadlineMs }: UseOptions,
): Promise<Observation> {
  const signal = AbortSignal.timeout(deadlineMs);
  const found = await read(api, signal);
  // a look is ended by the end of the service only, so that one that hangs takes its half minute
  const isDear = kind?.hangs?.includes("http") === true || kind?.isHeavy === true;
  const [both, findings] = isDear
    ? []
    : await Promise.all([
        read({ ...api, urls: [...api.urls, straight] }, signal),
        checkAlertmanager(api, signal),
        reconciler.run(signal),
      ]);
  const group = await store.group(groupId);
  const texts = [
    ...found.messages,
    reconciler.status.lastError ?? "",
    ...(findings ?? []).map(({ message }) => message),
  ];
  return {
    ...found,
    facts: new Map([
      ...found.facts,
      ...(both === undefined ? [] : [["alerts of the replica beside", both.facts.get("alerts") ?? 0] as const]),
    ]),
    wrongs: [
      ...(group === undefined || !isOpen(group)
        ? ["the group was closed, though nobody said that its alerts are over"]
        : []),
      ...(SOURCE_SECRETS.some((secret) => texts.join("\n").includes(secret)) ? ["a text holds a secret"] : []),
      ...(found.reasons.length > 0 && findings?.every(({ ok }) => ok) === true && kind !== undefined
        ? ["the check says that all is well"]
        : []),
    ],
  };
}

async function read(
  api: AlertmanagerApi,
  signal: AbortSignal,
): Promise<Required<Pick<Observation, "reasons" | "facts" | "messages">>> {
  try {
    const { answers, failures } = await readAlertmanager(api, signal);
    const view = viewOf(answers);
    const facts =
      view === undefined
        ? []
        : ([
            ["alerts", view.alerts.size],
            ["active alerts", [...view.alerts.values()].filter(({ standing }) => standing.isActive).length],
            ["places", [...view.alerts.values()].reduce((sum, { places }) => sum + places.length, 0)],
            ["silences", view.silences.size],
          ] as const);
    return {
      reasons: failures.map(({ reason }) => reason),
      facts: new Map(facts),
      messages: failures.map(({ message }) => message),
    };
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
    return { reasons: ["timeout"], facts: new Map(), messages: [] };
  }
}
