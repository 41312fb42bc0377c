import type { Slo, SloFinding } from "../model.ts";
import type { QueryNode } from "../promql/query-tree.ts";
import { readQuery } from "../promql/read-query.ts";

/** Something that is wrong with an SLO. */
export interface Fault {
  readonly severity: SloFinding["severity"];
  /** What of the SLO: a field of the model such as `objective` or `sli.errors`; empty for all of it. */
  readonly field: string;
  /** A sentence whose subject is the field: what is wrong, and what to do. */
  readonly message: string;
}

/** What a check knows beside the SLO that it looks at. */
export interface CheckContext {
  readonly byId: ReadonlyMap<string, Slo>;
  /** Ids of SLOs that have errors of their own, so that they are not among the others. */
  readonly unread: ReadonlySet<string>;
  /** By service and name. */
  readonly byName: ReadonlyMap<string, Slo>;
}

/** One way in which an SLO can be wrong: a section of docs/slo-checks.md has its name. */
export interface SloCheck {
  readonly name: string;
  check(slo: Slo, context: CheckContext): readonly Fault[];
}

/** Puts a check's faults to their places. */
export const findings = (name: string, { id, source }: Slo, faults: readonly Fault[]): readonly SloFinding[] =>
  faults.map(({ severity, field, message }) => ({
    check: name,
    severity,
    source,
    path: field === "" ? id : `${id}.${field}`,
    message,
  }));

export const error = (field: string, message: string): Fault => ({ severity: "error", field, message });
export const warning = (field: string, message: string): Fault => ({ severity: "warning", field, message });

/** A query of an SLO. */
export interface CheckedQuery {
  readonly field: "sli.total" | "sli.errors" | "sli.ratio";
  readonly tree: QueryNode;
  readonly hasWindow: boolean;
}

/** A length that nobody writes, so that the window is known from ranges that only look like it. */
export const ODD_WINDOW = "307s";

/** The queries of an SLO: none of a composite. */
export function queriesOf(slo: Slo): readonly CheckedQuery[] {
  const found = known.get(slo) ?? readQueries(slo);
  known.set(slo, found);
  return found;
}

const known = new WeakMap<Slo, readonly CheckedQuery[]>();

function readQueries({ sli }: Slo): readonly CheckedQuery[] {
  if (sli.kind === "composite") return [];
  const written =
    sli.kind === "events"
      ? ([
          ["sli.total", sli.total],
          ["sli.errors", sli.errors],
        ] as const)
      : ([["sli.ratio", sli.errorRatio]] as const);
  return written.flatMap(([field, promql]) => {
    const text = promql.at(ODD_WINDOW);
    const tree = readQuery(text);
    return tree === undefined ? [] : [{ field, tree, hasWindow: text !== promql.at("311s") }];
  });
}

/** A share as people write it, such as `0.1 %`. */
export const percent = (share: number): string => `${Number((share * 100).toPrecision(6))} %`;
