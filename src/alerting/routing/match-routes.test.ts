import { describe, expect, it } from "vitest";
import { route } from "./__fixtures__/routes.ts";
import { matchRoutes } from "./match-routes.ts";

const tree = route(
  "root",
  "",
  {},
  route(
    "database",
    "team=database",
    {},
    route("database-page", "severity=critical"),
    route("database-any", "severity=~.+"),
  ),
  route("audit", "severity=critical", { continue: true }),
  route("page", "severity=critical"),
  route("never", "severity=critical"),
  route("no-team", 'team=""', { continue: true }),
);

const ends = (labels: Record<string, string>): readonly string[] => matchRoutes(tree, labels).map(({ id }) => id);

describe("matchRoutes", () => {
  it.each<[string, Record<string, string>, string[]]>([
    ["the deepest route that matches", { team: "database", severity: "critical" }, ["database-page"]],
    ["the route above, when none below matches", { team: "database" }, ["database"]],
    ["the first of the routes beside each other", { team: "database", severity: "info" }, ["database-any"]],
    ["the next one too, after `continue`", { severity: "critical", team: "a" }, ["audit", "page"]],
    ["the root, when nothing matches", { team: "a", severity: "info" }, ["root"]],
    ["a route whose `continue` leads nowhere", {}, ["no-team"]],
  ])("gives %s", (_name, labels, expected) => {
    expect(ends(labels)).toEqual(expected);
  });

  it("takes a label that is missing as empty, and none from the prototype", () => {
    const proto = route("root", "", {}, route("constructor", "constructor=~.+"), route("empty", 'constructor=""'));
    expect(matchRoutes(proto, {}).map(({ id }) => id)).toEqual(["empty"]);
  });

  it("matches patterns against the whole value, in linear time", () => {
    const patterns = route("root", "", {}, route("slow", 'a=~"(x+x+)+y"'), route("part", "a=~b|c"));
    const at = (a: string) => matchRoutes(patterns, { a }).map(({ id }) => id);
    expect([at("b"), at("bc"), at("x".repeat(50_000))]).toEqual([["part"], ["root"], ["root"]]);
  });
});
