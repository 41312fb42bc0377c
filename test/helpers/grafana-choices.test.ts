import { describe, expect, it } from "vitest";
import { filled, type Choice } from "./grafana-choices.ts";

const times = { range: 21_600, step: 30, scrape: 60 };
const fill = (query: string, choice: Choice): string => filled(query, new Map([["node", choice]]), times);

describe("a query is filled as Grafana does", () => {
  it.each<[string, Choice, string]>([
    ["All", { multi: true }, 'up{node=~".+"}'],
    ["one of several", { multi: true, values: ["a.b"] }, 'up{node=~"a\\\\.b"}'],
    ["several", { multi: true, values: ["a|b", 'c"'] }, 'up{node=~"(a\\\\|b|c\\")"}'],
    ["the only one", { multi: false, values: ["a.b\\"] }, 'up{node=~"a.b\\\\"}'],
  ])("%s", (_, choice, expected) => {
    expect(fill('up{node=~"$node"}', choice)).toBe(expected);
    expect(fill('up{node=~"${node}"}', choice)).toBe(expected);
  });

  it("with its own windows, and without a group of a regular expression", () => {
    expect(fill('rate(x[$__rate_interval]) + y[$__range:$__interval] + "$1" + $nodes', { multi: true })).toBe(
      'rate(x[240s]) + y[21600s:30s] + "$1" + $nodes',
    );
  });
});
