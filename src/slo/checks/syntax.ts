import { accepts, matchesPattern } from "../promql/matcher-text.ts";
import { selectorsOf, type QuerySelector } from "../promql/query-tree.ts";
import { readQuery } from "../promql/read-query.ts";
import { error, ODD_WINDOW, queriesOf, type SloCheck } from "./check.ts";

/**
 * PromQL that Prometheus does not take. Readers find most of it with its column; this is for SLOs made elsewhere, and
 * for what stands in matchers.
 */
export const syntax: SloCheck = {
  name: "promql",
  check(slo) {
    const { sli } = slo;
    if (sli.kind === "composite") return [];
    const queries = sli.kind === "events" ? { total: sli.total, errors: sli.errors } : { ratio: sli.errorRatio };
    const unreadable = Object.entries(queries).filter(([, promql]) => readQuery(promql.at(ODD_WINDOW)) === undefined);
    return [
      ...unreadable.map(([name]) =>
        error(`sli.${name}`, "is not PromQL: try the query in Prometheus with 5m in place of the window"),
      ),
      ...queriesOf(slo).flatMap(({ field, tree }) => {
        const faults = new Set(selectorsOf(tree).flatMap(faultsOf));
        return [...faults].map((fault) => error(field, fault));
      }),
    ];
  },
};

/**
 * A pattern that is one for sure: compiling those of thousands of SLOs takes as long as all else that is done with
 * them.
 */
const PLAIN = /^(?:[\w/:. -][*+?]?|\|)*$/;

function faultsOf({ metric, matchers }: QuerySelector): readonly string[] {
  const broken = matchers.filter(
    ({ operator, value }) => operator.endsWith("~") && !PLAIN.test(value) && matchesPattern(value, "") === undefined,
  );
  const isEverything = metric === undefined && matchers.every((matcher) => accepts(matcher, ""));
  return [
    ...broken.map(
      ({ label, value }) =>
        `has a pattern of ${label} that is no regular expression of RE2, which Prometheus has: ${value}`,
    ),
    ...(isEverything && broken.length === 0
      ? ["has a selector that takes all series there are, which Prometheus refuses: name a metric in it"]
      : []),
  ];
}
