import { describe, expect, it } from "vitest";
import { arrival, fixture, least, read } from "./__fixtures__/bodies.ts";
import { contentHash } from "./content-hash.ts";

const notification = (body: unknown) => read(body).notification;

const firstOf = (over: Record<string, unknown>, outer: Record<string, unknown> = {}) => {
  const [alert] = notification(least(outer, over)).alerts;
  if (alert === undefined) throw new Error("there is no alert");
  return alert;
};

describe("what Alertmanager 0.33 sends", () => {
  it("is read with all that matters", async () => {
    const { notification: first, oddVersion } = read(await fixture("alertmanager-first"));
    expect(oddVersion).toBeUndefined();
    expect(first).toEqual({
      kind: "alertmanager",
      source: "main",
      receiver: "team.infra",
      groupKey: '{}:{alertname="NodeDown", cluster="north"}',
      groupLabels: { alertname: "NodeDown", cluster: "north" },
      externalUrl: "http://alertmanager-1.example.org:9093/",
      truncatedAlerts: 0,
      reason: "first notification",
      receivedAt: arrival.receivedAt,
      alerts: [
        {
          fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
          status: "firing",
          labels: { alertname: "NodeDown", cluster: "north", instance: "node-1", severity: "critical" },
          annotations: {
            summary: "NodeDown on node-1",
            description: 'Line one\nline "two" <b>& more',
            runbook_url: "https://wiki.example.org/NodeDown",
            value: "93.2",
          },
          startsAt: expect.any(Number),
          value: "93.2",
          links: {
            source: "http://prometheus.example.org:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1",
            runbook: "https://wiki.example.org/NodeDown",
            silence: expect.stringContaining("http://alertmanager-1.example.org:9093/#/silences/new?filter="),
          },
        },
      ],
    });
    const silence = first.alerts[0]?.links.silence ?? "";
    expect(decodeURIComponent(silence.split("filter=")[1] ?? "")).toBe(
      '{alertname="NodeDown", cluster="north", instance="node-1", severity="critical"}',
    );
  });

  it("has no end while it fires, and one when it is over", async () => {
    const { alerts, reason } = notification(await fixture("alertmanager-some-resolved"));
    expect(reason).toBe("some alerts resolved");
    expect(alerts.map(({ status, endsAt }) => [status, typeof endsAt])).toEqual([
      ["resolved", "number"],
      ["firing", "undefined"],
    ]);
  });

  it.each([
    ["alertmanager-truncated", 2, "first notification"],
    ["alertmanager-truncated-some-resolved", 3, "some alerts resolved"],
    ["alertmanager-truncated-all-resolved", 1, "all alerts resolved"],
    ["alertmanager-repeat", 0, "repeat interval elapsed"],
    ["alertmanager-all-resolved", 0, "all alerts resolved"],
    ["alertmanager-silenced", 0, "new alerts added"],
  ])("%s leaves %i out: %s", async (name, truncatedAlerts, reason) => {
    expect(notification(await fixture(name))).toMatchObject({ truncatedAlerts, reason });
  });

  it("is the same content from both replicas of a cluster, and no other notification is", async () => {
    const hashOf = async (name: string) => contentHash(notification(await fixture(name)));
    expect(await hashOf("alertmanager-added-replica-1")).toBe(await hashOf("alertmanager-added-replica-2"));
    const names = ["first", "added-replica-1", "some-resolved", "repeat", "all-resolved"];
    const hashes = await Promise.all(names.map((name) => hashOf(`alertmanager-${name}`)));
    expect(new Set(hashes).size).toBe(names.length);
  });
});

describe("what Grafana sends", () => {
  it("is read with its own links and values", async () => {
    const { notification: grafana, oddVersion } = read(await fixture("grafana"), "grafana");
    expect(oddVersion).toBeUndefined();
    expect(grafana).toMatchObject({ kind: "grafana", receiver: "My Super.Webhook", groupKey: "{}:{}" });
    expect(grafana.alerts).toMatchObject([
      {
        fingerprint: "c6eadffa33fcdf37",
        startsAt: Date.UTC(2026, 9, 12, 7, 51, 3, 157),
        value: "B=44.23943737541908, C=1",
        links: {
          source: "https://grafana.example.org/ops/alerting/grafana/1afz29v7z/view?orgId=1",
          runbook: "https://wiki.example.org/runbook/1234",
          dashboard: "https://grafana.example.org/ops/d/abc?from=1&orgId=1&to=2&viewPanel=3",
          silence: expect.stringContaining("/ops/alerting/silence/new?"),
        },
      },
      {
        status: "resolved",
        value: "[ metric='' labels={} value=47043.702386305304 ]",
        links: { source: "https://grafana.example.org/ops/?orgId=1" },
      },
    ]);
    expect(grafana.alerts[1]?.links).toEqual({ source: "https://grafana.example.org/ops/?orgId=1" });
  });

  it("is known at the other address too", async () => {
    expect(notification(await fixture("grafana")).kind).toBe("grafana");
  });

  it("has the bare number of a single value", async () => {
    const body = { ...least({ orgId: 1, version: "1" }, { values: { A: 1.5, text: "x" } }) };
    expect(notification(body).alerts[0]?.value).toBe("1.5");
  });
});

describe("what is missing or odd", () => {
  it("is done without", () => {
    const { alerts, ...group } = notification({
      groupKey: "x",
      alerts: [{ status: "firing", labels: { a: "b" }, startsAt: "2026-01-31T12:00:00.123456789+05:30" }],
      futureField: { a: [1] },
    });
    expect(group).toEqual({
      kind: "alertmanager",
      source: "main",
      receiver: "",
      groupKey: "x",
      groupLabels: {},
      truncatedAlerts: 0,
      receivedAt: arrival.receivedAt,
    });
    expect(alerts).toEqual([
      {
        fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
        status: "firing",
        labels: { a: "b" },
        annotations: {},
        startsAt: Date.UTC(2026, 0, 31, 6, 30, 0, 123),
        links: {},
      },
    ]);
  });

  it("has a fingerprint of its labels, whatever their order", () => {
    const one = firstOf({ labels: { a: "1", b: "2" } });
    expect(firstOf({ labels: { b: "2", a: "1" }, fingerprint: "" }).fingerprint).toBe(one.fingerprint);
    expect(firstOf({ labels: { a: "1", b: "3" } }).fingerprint).not.toBe(one.fingerprint);
    expect(firstOf({ labels: { a: "1", b: "3" }, fingerprint: "x".repeat(5_000) }).fingerprint).toMatch(/^\w{16}$/);
  });

  it("has no end when that is not known", () => {
    expect(firstOf({ status: "resolved" })).not.toHaveProperty("endsAt");
    expect(firstOf({ status: "firing", endsAt: "2026-01-31T13:00:00Z" })).not.toHaveProperty("endsAt");
  });

  it("is taken from a version that is not known", () => {
    expect(read(least({ version: "5" }))).toMatchObject({ oddVersion: "5", notification: { kind: "alertmanager" } });
  });

  it.each([
    "javascript:alert(1)",
    "ftp://files/",
    "/graph",
    "",
    "data:text/html,x",
    "http://",
    `http://x/${"y".repeat(9_000)}`,
  ])("has no link to %s", (link) => {
    const alert = firstOf(
      { generatorURL: link, annotations: { runbook_url: link, dashboard_url: link } },
      { externalURL: link },
    );
    expect(alert.links).toEqual({});
  });

  it("has a link to the dashboard that its annotations name", () => {
    const { links } = firstOf({ annotations: { dashboard_url: "https://grafana.example.org/d/1" } });
    expect(links.dashboard).toBe("https://grafana.example.org/d/1");
  });
});

describe("a link to a new silence", () => {
  const filterOf = (labels: Record<string, string>, externalURL = "http://am.example.org/path/") => {
    const { silence } = firstOf({ labels }, { externalURL }).links;
    return silence === undefined ? undefined : new URL(silence);
  };

  it("stays below the path of Alertmanager and escapes what labels hold", () => {
    const url = filterOf({ "a.b": 'x"y\\z\n&#?', c: "d" });
    expect(url?.href).toMatch(/^http:\/\/am\.example\.org\/path\/#\/silences\/new\?filter=[\w%.!~*'()-]+$/);
    expect(decodeURIComponent(url?.hash ?? "")).toBe(String.raw`#/silences/new?filter={"a.b"="x\"y\\z\n&#?", c="d"}`);
  });

  it("is left out rather than made of some of the labels", () => {
    expect(filterOf({ a: "x".repeat(5_000) })).toBeUndefined();
  });

  it("does no harm with half a character", () => {
    expect(filterOf({ a: "\ud83d" })).toBeInstanceOf(URL);
  });
});

describe("what is too much", () => {
  it("is cut off", () => {
    const many = Object.fromEntries(Array.from({ length: 150 }, (_, index) => [`a${index}`, "x"]));
    const { labels, annotations } = firstOf({
      labels: { ...many, alertname: "NodeDown", severity: "critical", long: "ä".repeat(10_000) },
      annotations: { ...many, ["n".repeat(3_000)]: "y", summary: "ö".repeat(100_000) },
    });
    expect(Object.keys(labels)).toHaveLength(100);
    expect(labels).toMatchObject({ alertname: "NodeDown", severity: "critical" });
    expect(Object.keys(annotations)).toHaveLength(100);
    expect(Buffer.byteLength(annotations["summary"] ?? "")).toBeLessThanOrEqual(64 * 1024);
    expect(annotations["summary"]?.endsWith("ö…")).toBe(true);
    const long = firstOf({ labels: { long: "ä".repeat(10_000) }, annotations: { value: "1".repeat(1_000) } });
    expect(Buffer.byteLength(long.labels["long"] ?? "")).toBeLessThanOrEqual(4 * 1024);
    expect(long.value).toHaveLength(256);
  });

  it("counts as left out when it is alerts", () => {
    const alerts = Array.from({ length: 20_003 }, (_, index) => ({ fingerprint: `f${index}` }));
    const { alerts: kept, truncatedAlerts } = notification(least({ truncatedAlerts: 4 }, ...alerts));
    expect(kept).toHaveLength(20_000);
    expect(truncatedAlerts).toBe(7);
  });
});
