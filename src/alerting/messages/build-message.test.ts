import { describe, expect, it } from "vitest";
import type { AlertGroup } from "../../core/alert-group.ts";
import type { Told } from "../../core/conversation.ts";
import { toldOf } from "./changes.ts";
import { build } from "./__fixtures__/build.ts";
import { aGroup, anAlert, NOON, onHost } from "./__fixtures__/groups.ts";

const MINUTE = 60_000;

describe("a message's title", () => {
  it("is the sentence of the only alert, and says where unless the sentence does", () => {
    expect(build(aGroup([onHost("db-1")])).title).toBe("Node db-1 is down");
    expect(build(aGroup([anAlert()])).title).toBe("Node is down [instance=db-1, cluster=prod]");
  });

  it("is what is down, how often and where, for several", () => {
    const hosts = ["db-1", "db-2", "db-3"].map((host) => onHost(host));
    expect(build(aGroup(hosts)).title).toBe("NodeDown: 3 alerts on db-1, db-2, db-3 [cluster=prod]");
    const more = [...hosts, onHost("db-4")];
    expect(build(aGroup(more)).title).toBe("NodeDown: 4 alerts [cluster=prod]");
    const mixed = [...more, onHost("db-5", { labels: { alertname: "DiskFull" } })];
    expect(build(aGroup(mixed)).title).toBe("5 alerts: 4 NodeDown, 1 DiskFull [cluster=prod]");
  });

  it("counts the kinds that are too many to name", () => {
    const alerts = ["A", "A", "A", "B", "B", "C", "D"].map((alertname, i) =>
      onHost(`h${i}`, { labels: { alertname } }),
    );
    expect(build(aGroup(alerts)).title).toBe("7 alerts: 3 A, 2 B and 2 of 2 other kinds [cluster=prod]");
  });

  it("is the sentence that all of them share", () => {
    const alerts = ["db-1", "db-2"].map((host) => onHost(host, { annotations: { summary: "Vault lab is sealed" } }));
    expect(build(aGroup(alerts)).title).toBe("Vault lab is sealed (2 alerts)");
  });

  it("speaks of what still fires while something does, and of all when it is over", () => {
    const over = { state: "resolved", endsAt: NOON + MINUTE, closedAt: NOON + MINUTE } as const;
    expect(build(aGroup([onHost("db-1", over), onHost("db-2")])).title).toBe("Node db-2 is down");
    expect(build(aGroup([onHost("db-1", over), onHost("db-2", over)])).title).toBe(
      "NodeDown: 2 alerts on db-1, db-2 [cluster=prod]",
    );
  });

  it("says how many the sender left out", () => {
    const truncated = { origin: 40 };
    expect(build(aGroup([onHost("db-1")], { truncated })).title).toBe(
      "Node db-1 is down (1 alert, and 40 that were left out)",
    );
    expect(build(aGroup([onHost("db-1"), onHost("db-2")], { truncated })).title).toBe(
      "NodeDown: 2 alerts on db-1, db-2 [cluster=prod], and 40 that were left out",
    );
  });

  it("is cut off, and keeps the place of a sentence that is too long", () => {
    const summary = `${"very ".repeat(100)}long`;
    const { title } = build(aGroup([anAlert({ annotations: { summary } })]));
    expect([...title].length).toBeLessThanOrEqual(250);
    expect(title).toMatch(/… \[instance=db-1, cluster=prod\]$/);
    const named = build(aGroup([anAlert({ annotations: { summary: `db-1 ${summary}` } })])).title;
    expect([...named].length).toBe(250);
  });

  it("falls back on name and place, and on the group", () => {
    expect(build(aGroup([anAlert({ annotations: {} })])).title).toBe("NodeDown [instance=db-1, cluster=prod]");
    expect(build(aGroup([anAlert({ annotations: { description: "Disk is full.\nValue: 3" } })])).title).toBe(
      "Disk is full. [instance=db-1, cluster=prod]",
    );
    expect(build(aGroup([], { labels: {} })).title).toBe('{}:{alertname="NodeDown"}');
    expect(build(aGroup([], { labels: {}, groupKey: "\u202e" })).title).toBe("alert");
  });
});

describe("a message's alerts", () => {
  it("are open ones first, then the worst, then the newest", () => {
    const group = aGroup([
      onHost("closed", { state: "silenced" }),
      onHost("early", { startsAt: NOON - MINUTE }),
      onHost("mild", { labels: { severity: "warning" }, startsAt: NOON + MINUTE }),
      onHost("late"),
    ]);
    const hosts = build(group).alerts.map(({ where }) => where["instance"]);
    expect(hosts).toEqual(["late", "early", "mild", "closed"]);
  });

  it("carry the labels that tell them apart, the most telling first, and the message those that they share", () => {
    const [one, other] = ["db-1", "db-2"].map((host, i) =>
      onHost(host, { labels: { zebra: `${i}`, device: `sd${i}` } }),
    );
    const message = build(aGroup([one ?? anAlert(), other ?? anAlert()]));
    expect(Object.entries(message.alerts[0]?.where ?? {})).toEqual([
      ["instance", "db-1"],
      ["device", "sd0"],
      ["zebra", "0"],
    ]);
    expect(message.commonLabels).toEqual({ alertname: "NodeDown", severity: "critical", cluster: "prod" });
  });

  it("say why they were closed when it was not their sender", () => {
    const alerts = [
      onHost("a", { state: "silenced", closedBecause: "silenced until 14:00 UTC: new disk" }),
      onHost("b", { state: "gone" }),
      onHost("c", { state: "resolved" }),
    ];
    const reasons = build(aGroup(alerts)).alerts.map(({ closedBecause }) => closedBecause);
    expect(reasons).toEqual([
      "silenced until 14:00 UTC: new disk",
      "Alertmanager has it no longer, but never said that it was resolved",
      undefined,
    ]);
  });

  it("are at most 50, and the others are counted", () => {
    const alerts = Array.from({ length: 60 }, (_, i) => onHost(`h${i}`));
    const message = build(aGroup(alerts, { truncated: { origin: 5, other: 2 } }));
    expect([message.alerts.length, message.moreAlerts]).toEqual([50, 10]);
    expect(message.counts).toEqual({ firing: 60, closed: 0, hidden: 7 });
  });
});

describe("a message's times, severity and links", () => {
  const closed = (host: string, minutes: number, severity: string) =>
    onHost(host, {
      state: "resolved",
      startsAt: NOON - minutes * MINUTE,
      endsAt: NOON + minutes * MINUTE,
      labels: { severity },
    });

  it("are those of what fires", () => {
    const message = build(aGroup([closed("a", 5, "critical"), onHost("b", { labels: { severity: "warning" } })]));
    expect(message).toMatchObject({ status: "firing", severity: "warning", since: NOON });
    expect(message.until).toBeUndefined();
  });

  it("are those of all when nothing does", () => {
    const message = build(aGroup([closed("a", 5, "critical"), closed("b", 7, "info")]));
    expect(message).toMatchObject({
      status: "resolved",
      severity: "critical",
      since: NOON - 7 * MINUTE,
      until: NOON + 7 * MINUTE,
    });
  });

  it("are open while the sender left alerts out, whatever those it told of do", () => {
    const message = build(aGroup([closed("a", 5, "critical")], { truncated: { origin: 3 } }));
    expect(message).toMatchObject({ status: "firing", counts: { firing: 0, closed: 1, hidden: 3 } });
    expect(message.until).toBeUndefined();
  });

  it("have the worst alert's links and Watchkeeper's page", () => {
    const links = (name: string) => ({ runbook: `https://runbooks.example.org/${name}` });
    const alerts = [
      onHost("a", { labels: { severity: "info" }, links: links("a") }),
      onHost("b", { links: links("b") }),
    ];
    expect(build(aGroup(alerts)).links).toEqual({
      runbook: "https://runbooks.example.org/b",
      watchkeeper: "https://watchkeeper.example.org/alerts/c0ffee",
    });
  });
});

describe("the link to silence a message's alerts", () => {
  const silence = (host: string) =>
    `https://alertmanager.example.org/am/#/silences/new?filter=${encodeURIComponent(`{instance="${host}"}`)}`;
  const withLink = (host: string, of = {}) => onHost(host, { links: { silence: silence(host) }, ...of });
  const filterOf = (link: string | undefined) => link && decodeURIComponent(link.split("?filter=")[1] ?? "");

  it("is the alert's own when it is the only one that fires", () => {
    const over = withLink("b", { state: "resolved" });
    expect(build(aGroup([withLink("a"), over])).links.silence).toBe(silence("a"));
  });

  it("matches all that fire when they are several", () => {
    const { silence: link } = build(aGroup([withLink("a"), withLink("b")])).links;
    expect(link).toMatch(/^https:\/\/alertmanager\.example\.org\/am\/#\/silences\/new\?filter=/);
    expect(filterOf(link)).toBe('{alertname="NodeDown", severity="critical", cluster="prod"}');
  });

  it("is absent when it would silence others too, when it can not be made, and when all is over", () => {
    const links = (alerts: Parameters<typeof aGroup>[0]) => build(aGroup(alerts)).links.silence;
    expect(links([withLink("a"), withLink("b", { labels: { alertname: "DiskFull" } })])).toBeUndefined();
    const grafana = { links: { silence: "https://grafana.example.org/alerting/silence/new?matcher=instance%3Da" } };
    expect(links([onHost("a", grafana), onHost("b", grafana)])).toBeUndefined();
    expect(links([withLink("a", { state: "resolved" })])).toBeUndefined();
  });
});

describe("evidence", () => {
  const evidence = { bundleId: "1f2e3d4c5b6a7988", at: NOON, lines: ["disk is full", "version 2"] };
  const told = { revision: 2, status: "firing", at: NOON, firing: [] } as const;
  const group = aGroup([anAlert()], { evidence });

  it("stands in every message of its group, with a link to its page", () => {
    const message = build(group);
    expect(message.evidence).toEqual(evidence.lines);
    expect(message.links.evidence).toBe("https://watchkeeper.example.org/evidence/1f2e3d4c5b6a7988");
    const bare = build(aGroup([anAlert()]));
    expect(bare).not.toHaveProperty("evidence");
    expect(bare.links).not.toHaveProperty("evidence");
    const lost = build(aGroup([anAlert()], { evidence: { ...evidence, isNotKept: true } }));
    expect(lost.evidence).toEqual(evidence.lines);
    expect(lost.links).not.toHaveProperty("evidence");
  });

  it("is new until it was told, unless it tells that nothing was found", () => {
    const isNew = (of: typeof group, before: Told) =>
      build(of, { told: before, action: "update" }).changes?.hasNewEvidence;
    expect(isNew(group, told)).toBe(true);
    expect(isNew(group, { ...told, evidence: "another" })).toBe(true);
    expect(isNew(group, toldOf(group, NOON))).toBeUndefined();
    expect(toldOf(group, NOON).evidence).toBe("1f2e3d4c5b6a7988");
    expect(isNew(aGroup([anAlert()], { evidence: { ...evidence, foundNothing: true } }), told)).toBeUndefined();
    expect(isNew(aGroup([anAlert()]), { ...told, evidence: "gone" })).toBeUndefined();
  });

  it("is all that is new when no other revision came, whatever it tells", () => {
    const quiet = { ...evidence, foundNothing: true } as const;
    const isAlone = (
      revision: number,
      evidenceOnly?: AlertGroup["evidenceOnly"],
      found: AlertGroup["evidence"] = quiet,
    ) =>
      build(aGroup([anAlert()], { evidence: found, revision, ...(evidenceOnly && { evidenceOnly }) }), {
        told,
        action: "update",
      }).changes?.isEvidenceOnly;
    expect(isAlone(4, { first: 3, last: 4 })).toBe(true);
    expect(isAlone(4, { first: 3, last: 4 }, evidence)).toBe(true);
    expect(isAlone(4, { first: 4, last: 4 })).toBeUndefined();
    expect(isAlone(4, { first: 3, last: 3 })).toBeUndefined();
    expect(isAlone(3)).toBeUndefined();
    expect(build(aGroup([anAlert()], { evidence: quiet })).foundNothing).toBe(true);
    expect(build(group)).not.toHaveProperty("foundNothing");
  });
});
