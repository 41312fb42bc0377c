import { readQuery } from "../promql/read-query.ts";
import { error, ODD_WINDOW, type SloCheck } from "./check.ts";

/** PromQL that Prometheus' own grammar does not take. Readers find it with its column; this is for SLOs made elsewhere. */
export const syntax: SloCheck = {
  name: "promql",
  check({ sli }) {
    if (sli.kind === "composite") return [];
    const queries = sli.kind === "events" ? { total: sli.total, errors: sli.errors } : { ratio: sli.errorRatio };
    return Object.entries(queries).flatMap(([name, promql]) =>
      readQuery(promql.at(ODD_WINDOW)) === undefined
        ? [error(`sli.${name}`, "is not PromQL: try the query in Prometheus with 5m in place of the window")]
        : [],
    );
  },
};
