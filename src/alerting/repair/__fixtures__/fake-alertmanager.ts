import type { ReportedAlert, TextMap } from "../../../core/notification.ts";

/** An alert of the emulated Alertmanager. */
export interface FakeAlert {
  readonly fingerprint: string;
  readonly labels: TextMap;
  /** Unix milliseconds. */
  readonly startsAt: number;
  readonly silencedBy?: readonly string[];
  readonly inhibitedBy?: readonly string[];
  /** Its groups; `mutedBy` holds for one of them. */
  readonly groups: readonly {
    readonly receiver: string;
    readonly labels: TextMap;
    readonly mutedBy?: readonly string[];
  }[];
}

/** Where Alertmanager has an alert that it reports as `setting.ts` does. */
export const GROUP = { receiver: "watchkeeper", labels: { alertname: "NodeDown" } };

/** A reported alert as Alertmanager has it, with the given differences. */
export const asKnown = ({ fingerprint, labels, startsAt }: ReportedAlert, of: Partial<FakeAlert> = {}): FakeAlert => ({
  fingerprint,
  labels,
  startsAt,
  groups: [GROUP],
  ...of,
});

/** The answers of one Alertmanager's API, in the form that version 0.33 gives them. */
export class FakeAlertmanager {
  alerts: readonly FakeAlert[] = [];
  silences: readonly { id: string; comment: string; createdBy: string; endsAt: string }[] = [];
  /** Unix milliseconds. */
  startedAt = Date.now() - 3_600_000;
  config = "route:\n  receiver: watchkeeper\n  group_interval: 10ms\n";
  /** Statuses that are answered instead, by path. */
  readonly failing = new Map<string, number>();

  handle({ path }: { readonly path: string }): { status: number; headers: Record<string, string>; body: string } {
    const headers = { "content-type": "application/json", date: new Date().toUTCString() };
    const name = path.replace(/^\/api\/v2\//, "");
    const status = this.failing.get(name);
    if (status !== undefined) return { status, headers, body: JSON.stringify("it fails") };
    return { status: 200, headers, body: JSON.stringify(this.#answer(name)) };
  }

  #answer(name: string): unknown {
    if (name === "status")
      return {
        cluster: { peers: [], status: "disabled" },
        uptime: new Date(this.startedAt).toISOString(),
        config: { original: this.config },
      };
    if (name === "silences") return this.silences.map((silence) => ({ ...silence, status: { state: "active" } }));
    if (name === "alerts") return this.alerts.map((alert) => gettable(alert));
    const groups = this.alerts.flatMap((alert) => alert.groups.map((group) => ({ alert, group })));
    return groups.map(({ alert, group: { receiver, labels, mutedBy } }) => ({
      receiver: { name: receiver },
      labels,
      alerts: [gettable(alert, mutedBy)],
    }));
  }
}

function gettable(alert: FakeAlert, mutedBy: readonly string[] = []): unknown {
  const { fingerprint, labels, startsAt, groups, silencedBy = [], inhibitedBy = [] } = alert;
  const isSuppressed = silencedBy.length + inhibitedBy.length + mutedBy.length > 0;
  return {
    fingerprint,
    labels,
    annotations: {},
    startsAt: new Date(startsAt).toISOString(),
    endsAt: new Date(startsAt + 86_400_000).toISOString(),
    updatedAt: new Date(startsAt).toISOString(),
    receivers: groups.map(({ receiver }) => ({ name: receiver })),
    status: { state: isSuppressed ? "suppressed" : "active", silencedBy, inhibitedBy, mutedBy },
  };
}
