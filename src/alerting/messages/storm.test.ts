import { describe, expect, it } from "vitest";
import { build } from "./__fixtures__/build.ts";
import { aGroup, anAlert } from "./__fixtures__/groups.ts";

describe("a storm's message", () => {
  const kind = (alertname: string, severity: string, groups: number, open: number) =>
    anAlert({
      fingerprint: alertname,
      state: open > 0 ? "firing" : "resolved",
      labels: { alertname, severity },
      annotations: { summary: `${alertname}: ${open} of ${groups} still fire`, groups: `${groups}`, open: `${open}` },
    });
  const storm = (isOver: boolean) => {
    const left = (open: number): number => (isOver ? 0 : open);
    const kinds = [
      kind("NodeDown", "error", 40, left(38)),
      kind("DiskFull", "warning", 15, left(15)),
      kind("A", "info", 4, left(4)),
      kind("B", "error", 2, left(2)),
      kind("C", "error", 1, 0),
    ];
    return aGroup(kinds, { route: "storm", labels: { destination: "chat" } });
  };

  it("counts groups, by their kind", () => {
    const message = build(storm(false));
    expect(message).toMatchObject({
      kind: "storm",
      status: "firing",
      severity: "error",
      title: "Storm of 62 alert groups: 40 NodeDown, 15 DiskFull and 7 of 3 other kinds; 59 still fire",
      counts: { firing: 59, closed: 3, hidden: 0 },
      commonLabels: {},
    });
    expect(message.alerts.map(({ summary }) => summary)).toEqual([
      "B: 2 of 2 still fire",
      "NodeDown: 38 of 40 still fire",
      "DiskFull: 15 of 15 still fire",
      "A: 4 of 4 still fire",
      "C: 0 of 1 still fire",
    ]);
  });

  it("is over when all of it is", () => {
    expect(build(storm(true))).toMatchObject({
      status: "resolved",
      title: "Storm of 62 alert groups: 40 NodeDown, 15 DiskFull and 7 of 3 other kinds; all are over",
    });
  });
});
