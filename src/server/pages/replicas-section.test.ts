import { describe, expect, it } from "vitest";
import { pendingStatus, type PartStatus } from "../../app/part-status.ts";
import type { ReplicaReport } from "../../app/replicas/report.ts";
import { minutes } from "../../core/duration.ts";
import { renderTargetsPage } from "./targets-page.ts";

const NOW = Date.parse("2026-11-27T12:00:00Z");

const statusOf = (target: string, isElsewhere: boolean): PartStatus => ({
  ...pendingStatus({ collector: "vault", target, part: "health" }),
  title: "Health",
  every: minutes(1),
  ...(isElsewhere ? { isElsewhere } : { outcome: "success" as const, lastSuccessAt: NOW }),
});

const report: ReplicaReport = {
  id: "wk-1-aa",
  isMember: true,
  replicas: [
    { id: "wk-1-aa", isSelf: true, joinedAt: NOW - 3_600_000, targets: 1 },
    { id: "wk-2-bb", isSelf: false, joinedAt: NOW - 60_000, targets: 1 },
  ],
  owners: new Map([
    ["vault/home", "wk-1-aa"],
    ["vault/office", "wk-2-bb"],
  ]),
};

function textOf(statuses: readonly PartStatus[], replicas: ReplicaReport | undefined): string {
  const page = renderTargetsPage(statuses, { version: "1", target: undefined, now: NOW, replicas, hasAlerts: false });
  return page
    .replaceAll(/<style.*?<\/style>/gs, "")
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll(/\s+/g, " ");
}

describe("the page of targets where replicas divide them", () => {
  const divided = [statusOf("home", false), statusOf("office", true), statusOf("attic", true)];

  it("shows the parts of its own, who has the others, and all replicas", () => {
    const text = textOf(divided, report);
    expect(text).toContain("All 1 parts are read. Of 3 targets this replica polls 1; see who has the rest .");
    expect(text).toContain("This is wk-1-aa . Each target is polled by one of these.");
    expect(text).toContain("wk-1-aa (this one) 1 1 h ago wk-2-bb 1 1 min ago");
    expect(text).toContain("vault/office wk-2-bb vault/attic nobody now");
    expect(text).not.toContain("vault / office");
  });

  it("says what is not known while the store can not be read, and invents no number", () => {
    const unread = report.replicas.map((replica) => ({ ...replica, targets: undefined }));
    const text = textOf(divided, { ...report, owners: undefined, replicas: unread });
    expect(text).toContain("vault/office not known: the store can not be read");
    expect(text).toContain("wk-2-bb not known: the store can not be read 1 min ago");
  });

  it("says that nothing is polled by a replica that is no member, even of what the store has as its own", () => {
    const text = textOf([statusOf("home", true)], { ...report, isMember: false, replicas: [] });
    expect(text).toContain("This replica polls nothing: it can not be sure which targets are its own");
    expect(text).toContain("It is not among those that divide the targets now.");
    expect(text).toContain("vault/home nobody now");
  });

  it("says that others poll all when they do", () => {
    expect(textOf([statusOf("office", true)], report)).toContain("This replica polls none of these targets");
  });

  it("says nothing of replicas where there are none", () => {
    expect(textOf([statusOf("home", false)], undefined)).not.toContain("Replica");
  });
});
