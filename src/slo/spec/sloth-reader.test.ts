import { describe, expect, it } from "vitest";
import { WINDOW } from "./defaults.ts";
import { slothFormats } from "./sloth-reader.ts";

const read = (sli: object) => {
  const document = { version: "prometheus/v1", service: "shop", slos: [{ name: "orders", objective: 99, sli }] };
  const at = () => ({ line: 1, column: 1 });
  return slothFormats(WINDOW)[0]?.read([{ document, at, file: "sloth.yaml" }]);
};
const groups = (sli: object) => read(sli)?.slos.map(({ groupBy }) => groupBy);

const rate = (by: string) => `sum${by}(rate(orders_total[{{.window}}]))`;

describe("a specification of sloth", () => {
  it.each([
    [{ events: { error_query: rate(" by (zone, app) "), total_query: rate(" by (zone, app) ") } }, ["app", "zone"]],
    [{ events: { error_query: rate(""), total_query: rate("") } }, []],
    [{ raw: { error_ratio_query: `${rate(" by (zone) ")} / ${rate(" by (zone) ")}` } }, ["zone"]],
    // which labels these are depends on what is scraped
    [{ raw: { error_ratio_query: "avg_over_time(failing_ratio[{{.window}}])" } }, []],
  ])("gives each value of the labels that its query keeps a budget of its own: %j", (sli, expected) => {
    expect(groups(sli)).toEqual([expected]);
  });
});
