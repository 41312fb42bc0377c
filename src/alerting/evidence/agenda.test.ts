import { describe, expect, it } from "vitest";
import type { AlertGroup } from "../../core/alert-group.ts";
import { minutes } from "../../core/duration.ts";
import { aGroup, anAlert, MINUTE, NOON } from "./__fixtures__/groups.ts";
import { Agenda, agendaTimes } from "./agenda.ts";
import { evidenceSubject } from "./subject.ts";

const SECOND = 1_000;
const agendaOf = (): Agenda => new Agenda(agendaTimes(minutes(5)));
const dueAt = (agenda: Agenda, now: number, ...groups: readonly AlertGroup[]): readonly string[] => {
  agenda.begin();
  for (const group of groups) agenda.show(group, now);
  return agenda.end().map(({ id }) => id);
};
const evidence = (at: number) => ({ bundleId: "b", at, lines: ["x"] });

describe("a group without evidence", () => {
  it("is due when there is something to see", () => {
    const agenda = agendaOf();
    expect(dueAt(agenda, NOON + 19 * SECOND, aGroup("a"))).toEqual([]);
    expect([agenda.nextAt, agenda.waiting]).toEqual([NOON + 20 * SECOND, 1]);
    expect(dueAt(agenda, NOON + 20 * SECOND, aGroup("a"))).toEqual(["a"]);
  });

  it("is due as soon where its sender's clock is ahead", () => {
    const ahead = aGroup("a", { alerts: [anAlert("1", { startsAt: NOON + 60 * MINUTE })] });
    expect(dueAt(agendaOf(), NOON + 20 * SECOND, ahead)).toEqual(["a"]);
  });

  it("is never due when it is a storm, one of Watchkeeper's own, over, or began long ago", () => {
    const groups = [
      aGroup("storm", { route: "storm" }),
      aGroup("own", { kind: "internal" }),
      aGroup("over", { alerts: [anAlert("1", { state: "resolved" })] }),
      aGroup("old", { alerts: [anAlert("1", { startsAt: NOON - 121 * MINUTE })] }),
      aGroup("hidden", { alerts: [], truncated: { x: 3 } }),
    ];
    const agenda = agendaOf();
    expect(dueAt(agenda, NOON + MINUTE, ...groups)).toEqual([]);
    expect(agenda.waiting).toBe(0);
  });

  it("is looked at once more when its window is over, and then no more", () => {
    const agenda = agendaOf();
    agenda.looked(aGroup("a"), NOON + 21 * SECOND);
    expect(dueAt(agenda, NOON + 5 * MINUTE, aGroup("a"))).toEqual([]);
    expect([agenda.nextAt, agenda.waiting]).toEqual([NOON + 5.5 * MINUTE, 0]);
    expect(dueAt(agenda, NOON + 5.5 * MINUTE, aGroup("a"))).toEqual(["a"]);
    agenda.looked(aGroup("a"), NOON + 5.5 * MINUTE);
    expect(dueAt(agenda, NOON + 90 * MINUTE, aGroup("a"))).toEqual([]);
  });

  it("is tried again later and later after a failure, and not for ever", () => {
    const agenda = agendaOf();
    const tries: number[] = [];
    let goesOn = true;
    for (let now = NOON; now < NOON + 60 * MINUTE; now += SECOND) {
      if (dueAt(agenda, now, aGroup("a")).length === 0) continue;
      tries.push((now - NOON) / SECOND);
      expect(goesOn).toBe(true);
      goesOn = agenda.failed(aGroup("a"), now);
    }
    expect(tries).toEqual([20, 50, 170, 650]);
    expect(goesOn).toBe(false);
  });

  it("is a new one when it fires anew, or about something worse", () => {
    const agenda = agendaOf();
    agenda.looked(aGroup("a"), NOON + 6 * MINUTE);
    const anew = aGroup("a", { alerts: [anAlert("1", { startsAt: NOON + 7 * MINUTE })], updatedAt: NOON + 7 * MINUTE });
    expect(dueAt(agenda, NOON + 8 * MINUTE, anew)).toEqual(["a"]);
    const worse = { ...anew, alerts: [...anew.alerts, anAlert("2", { labels: { severity: "critical" } })] };
    expect(evidenceSubject(worse, NOON + 8 * MINUTE)?.alert.fingerprint).toBe("2");
    agenda.looked(anew, NOON + 8 * MINUTE);
    expect(dueAt(agenda, NOON + 8 * MINUTE, worse)).toEqual(["a"]);
  });
});

it("evidence that a former process found is looked at once more at the end of its window", () => {
  const early = aGroup("a", { evidence: evidence(NOON + 25 * SECOND) });
  const late = aGroup("b", { evidence: evidence(NOON + 6 * MINUTE) });
  expect(dueAt(agendaOf(), NOON + 5 * MINUTE, early, late)).toEqual([]);
  expect(dueAt(agendaOf(), NOON + 6 * MINUTE, early, late)).toEqual(["a"]);
});

it("the most urgent come first, of these what was not looked at, and then what began first", () => {
  const critical = { labels: { severity: "critical" } };
  const info = { labels: { severity: "info" } };
  const groups = [
    aGroup("info", { alerts: [anAlert("1", { ...info, startsAt: NOON - 10 * MINUTE })] }),
    aGroup("again", { alerts: [anAlert("1", critical)], evidence: evidence(NOON) }),
    ...Array.from({ length: 50 }, (_, i) => aGroup(`noise-${i}`, { alerts: [anAlert("1", info)] })),
    aGroup("younger", { alerts: [anAlert("1", { ...critical, startsAt: NOON + SECOND })] }),
    aGroup("older", { alerts: [anAlert("1", { ...critical, startsAt: NOON - SECOND })] }),
  ];
  expect(dueAt(agendaOf(), NOON + 6 * MINUTE, ...groups)).toEqual(["older", "younger", "again", "info"]);
});
