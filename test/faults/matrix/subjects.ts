import { packs } from "../../../src/collectors/index.ts";
import { notifiers } from "../../../src/notifiers/index.ts";
import { notifierSubjects } from "./notifiers.ts";
import { packSubjects } from "./packs.ts";
import { sourceIds, sourceSubjects } from "./sources.ts";
import type { CoveredTable, MatrixSubject } from "./subject.ts";

/** Every column of the matrix. */
export const matrixSubjects: readonly MatrixSubject[] = [...packSubjects, ...notifierSubjects, ...sourceSubjects];

/** Where each table of the product is, and where its subjects are written. */
const TABLES: Readonly<Record<CoveredTable, { readonly rows: string; readonly subjects: string }>> = {
  packs: { rows: "src/collectors/index.ts", subjects: "test/faults/matrix/packs.ts" },
  notifiers: { rows: "src/notifiers/index.ts", subjects: "test/faults/matrix/notifiers-services.ts" },
  sources: { rows: "src/correlation/*/source.ts", subjects: "test/faults/matrix/sources-kinds.ts" },
};

/** What the product's tables have and no subject covers, one sentence each: which file wants a line. */
export async function uncovered(subjects: readonly MatrixSubject[] = matrixSubjects): Promise<readonly string[]> {
  const ids: Readonly<Record<CoveredTable, readonly string[]>> = {
    // a pack without a collector asks no upstream
    packs: packs.flatMap(({ id, collector }) => (collector === undefined ? [] : [id])),
    notifiers: notifiers.map(({ type }) => type),
    sources: await sourceIds(),
  };
  return Object.entries(TABLES).flatMap(([table, { rows, subjects: file }]) =>
    ids[table as CoveredTable]
      .filter((id) => !subjects.some(({ covers }) => covers.table === table && covers.id === id))
      .map((id) => `${id} of ${rows} is under no fault: add a line for it to ${file}`),
  );
}
