import { describe, expect, it } from "vitest";
import { labelMatcher } from "../../core/label-matcher.ts";
import type { Notification, TextMap } from "../../core/notification.ts";
import type { Route } from "../../core/routing.ts";
import { alert, NOON, over } from "./__fixtures__/reports.ts";
import { groupsOf } from "./groups-of.ts";

const route = (id: string, of: Partial<Route> = {}): Route => ({
  id,
  matchers: [],
  continue: false,
  destinations: ["chat"],
  muteTimeIntervals: [],
  activeTimeIntervals: [],
  routes: [],
  ...of,
});

const notification = (of: Partial<Notification> = {}): Notification => ({
  kind: "alertmanager",
  source: "main",
  receiver: "watchkeeper",
  groupKey: '{}:{alertname="NodeDown"}',
  groupLabels: { alertname: "NodeDown" },
  alerts: [alert("a")],
  truncatedAlerts: 0,
  receivedAt: NOON,
  ...of,
});

const always =
  (...routes: readonly Route[]) =>
  () =>
    routes;
const root = route("{}");
const idsOf = (of: Partial<Notification>, ...routes: readonly Route[]) =>
  groupsOf(notification(of), always(...routes)).map(({ report }) => report.id);

describe("a notification", () => {
  it("touches the sender's group", () => {
    const groups = groupsOf(notification({ alerts: [alert("a"), over("b")], truncatedAlerts: 2 }), always(root));
    expect(groups).toMatchObject([
      {
        destinations: ["chat"],
        report: {
          route: "{}",
          groupKey: '{}:{alertname="NodeDown"}',
          labels: { alertname: "NodeDown" },
          truncated: 2,
          alerts: [{ fingerprint: "a" }, { fingerprint: "b" }],
        },
      },
    ]);
    expect(groups[0]?.report.id).toMatch(/^[0-9a-f]{64}$/);
  });

  it("touches a group for each route that its alerts take", () => {
    const critical = route('{}/{severity="critical"}', { destinations: ["pager"] });
    const matcher = labelMatcher("severity", "=", "critical");
    const byLabels = (labels: TextMap) => (matcher.matches(labels) ? [critical, root] : [root]);
    const quiet = alert("b", { labels: { severity: "info" } });
    const groups = groupsOf(notification({ alerts: [alert("a"), quiet] }), byLabels);
    expect(groups.map(({ destinations, report }) => [destinations, report.alerts.length])).toEqual([
      [["pager"], 1],
      [["chat"], 2],
    ]);
  });

  it("is one group of each set of labels where a route groups by its own", () => {
    const own = route('{}/{team="x"}', { groupBy: ["cluster", "alertname"] });
    const alerts = ["north", "south", "north"].map((cluster, index) =>
      alert(`${index}`, { labels: { alertname: "NodeDown", cluster, instance: `${index}` } }),
    );
    const groups = groupsOf(notification({ alerts }), always(own));
    expect(groups.map(({ report }) => [report.groupKey, report.labels, report.alerts.length])).toEqual([
      ['{}/{team="x"}:{alertname="NodeDown", cluster="north"}', { alertname: "NodeDown", cluster: "north" }, 2],
      ['{}/{team="x"}:{alertname="NodeDown", cluster="south"}', { alertname: "NodeDown", cluster: "south" }, 1],
    ]);
  });

  it("is one group of all where a route groups by nothing, whatever the sender's groups are", () => {
    const all = route("{}", { groupBy: [] });
    const [one] = groupsOf(notification(), always(all));
    const [other] = groupsOf(notification({ groupKey: "other", alerts: [alert("b")] }), always(all));
    expect(one?.report).toMatchObject({ groupKey: "{}:{}", labels: {} });
    expect(one?.report.id).toBe(other?.report.id);
    expect(one?.report.origin).not.toBe(other?.report.origin);
  });

  it("says nothing of a label that an alert does not have", () => {
    const own = route("{}", { groupBy: ["toString", "alertname"] });
    expect(groupsOf(notification(), always(own))[0]?.report.labels).toEqual({ alertname: "NodeDown" });
  });

  it("is told apart by source, receiver, route and the sender's key", () => {
    const ids = [
      ...idsOf({}, root),
      ...idsOf({ source: "other" }, root),
      ...idsOf({ receiver: "other" }, root),
      ...idsOf({ groupKey: "other" }, root),
      ...idsOf({}, route('{}/{a="b"}')),
      ...idsOf({}, route("{}", { groupBy: ["alertname"] })),
    ];
    expect(new Set(ids).size).toBe(6);
    expect(idsOf({ alerts: [alert("b")], externalUrl: "http://am-2/" }, root)).toEqual([ids[0]]);
  });
});

describe("the reason", () => {
  const reportOf = (of: Partial<Notification>) => groupsOf(notification(of), always(root))[0]?.report;

  it.each([
    [undefined, true],
    ["repeat interval elapsed", true],
    ["new alerts added", false],
    ["some alerts resolved", false],
  ])("%s tells whether it may be a repetition", (reason, mayBeRepetition) => {
    expect(reportOf(reason === undefined ? {} : { reason })?.mayBeRepetition).toBe(mayBeRepetition);
  });

  it("all alerts resolved counts only when no alert says otherwise", () => {
    const reason = "all alerts resolved";
    expect(reportOf({ reason, alerts: [over("a")] })?.isAllResolved).toBe(true);
    expect(reportOf({ reason, alerts: [over("a"), alert("b")] })?.isAllResolved).toBe(false);
    expect(reportOf({ alerts: [over("a")] })?.isAllResolved).toBe(false);
  });
});
