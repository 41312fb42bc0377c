import { describe, expect, it } from "vitest";
import { clock, interval, route } from "./__fixtures__/routes.ts";
import { explainRoute, printExplanation } from "./explain-route.ts";

const tree = route(
  "{}",
  "",
  { destinations: ["ops"] },
  route(
    '{}/{team="db"}',
    'team="db"',
    { destinations: ["pager"], groupBy: ["cluster", "db"], continue: true, muteTimeIntervals: ["nights"] },
    route("{}/deep", 'severity="critical", cluster=~"a|b"'),
  ),
  route('{}/{severity!=""}', 'severity!=""', {
    destinations: ["mail", "chat"],
    groupBy: [],
    activeTimeIntervals: ["never"],
  }),
  route("{}/{}", "", {}),
);
const timeIntervals = [
  interval(
    "nights",
    { location: "Europe/Berlin", times: [clock("20:00", "24:00")] },
    { location: "Europe/Berlin", times: [clock("00:00", "07:00")] },
  ),
  interval("never", { years: [{ start: 1999, end: 1999 }] }),
];

const explain = (labels: Record<string, string>, at = "2026-11-30T22:00:00Z") =>
  explainRoute(tree, labels, { timeIntervals, at: new Date(at) });

describe("the explanation of a route", () => {
  it("shows which matchers matched, which did not and why, and where it ends", () => {
    expect(printExplanation(explain({ team: "db", severity: "warning", "a label": 'x"\n' })))
      .toBe(`Labels: team="db", severity="warning", "a label"="x\\"\\n"

root: takes every alert
  yes  team="db"   <- ends here
    no   severity="critical", cluster=~"a|b": severity is "warning", there is no label cluster
  yes  severity!=""   <- ends here
  skip no matchers: an earlier route beside it matched and has no \`continue\`

Told at pager
  route:  {}/{team="db"}
  groups: by cluster, db
  times:  mute nights
  now:    new messages wait until 2026-12-01 07:00 Europe/Berlin: in nights

Told at mail, chat
  route:  {}/{severity!=""}
  groups: all in one
  times:  active never
  now:    new messages wait for more than a year: outside of never`);
  });

  it("says that nothing is held when nothing is", () => {
    expect(printExplanation(explain({ team: "db" }, "2026-11-30T12:00:00Z"))).toContain(
      "  times:  mute nights\n  now:    sent at once",
    );
    expect(printExplanation(explain({}))).toContain(`Labels: none

root: takes every alert
  no   team="db": there is no label team
  no   severity!="": there is no label severity
  yes  no matchers   <- ends here

Told at {}/{}
  route:  {}/{}
  groups: as the sender groups
  now:    sent at once`);
  });

  it("is plain data for machines", () => {
    const { labels, steps, ends } = explain({ team: "db" });
    expect(JSON.parse(JSON.stringify({ labels, steps, ends }))).toMatchObject({
      labels: { team: "db" },
      steps: [
        { route: "{}", depth: 0, outcome: "matched", isEnd: false },
        { outcome: "matched", isEnd: true, matchers: [{ matcher: 'team="db"', matched: true, found: "db" }] },
        { depth: 2, outcome: "not_matched", matchers: [{ matched: false }, { matched: false }] },
        { outcome: "not_matched", matchers: [{ label: "severity", matched: false }] },
        { outcome: "matched", isEnd: true },
      ],
      ends: [
        { destinations: ["pager"], groupBy: ["cluster", "db"], heldUntil: "2026-12-01T06:00:00.000Z" },
        { destinations: ["{}/{}"], muteTimeIntervals: [], activeTimeIntervals: [] },
      ],
    });
  });
});
