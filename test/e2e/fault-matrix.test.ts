import { expect, test } from "vitest";
import { MATRIX_KINDS } from "../faults/matrix/kinds.ts";
import { matrixReport } from "../faults/matrix/report.ts";
import { matrixSubjects, uncovered } from "../faults/matrix/subjects.ts";

const LEAST_KINDS = 25;

test("a pack, notifier or source without a subject is told, with the file that wants a line", async () => {
  const withoutVault = matrixSubjects.filter(({ covers }) => covers.id !== "vault");
  expect(await uncovered(withoutVault)).toEqual([
    "vault of src/collectors/index.ts is under no fault: add a line for it to test/faults/matrix/packs.ts",
  ]);
});

test("every pack, notifier and source tells each fault of its upstream by its reason, and comes back", async () => {
  const { figures, complaints } = await matrixReport();
  process.stdout.write(`fault matrix: ${JSON.stringify(figures)}\n`);
  expect(complaints).toEqual([]);
  expect(figures).toMatchObject({ kinds: MATRIX_KINDS.length, subjects: matrixSubjects.length, wrong: 0 });
  expect(figures.cells).toBeGreaterThanOrEqual(LEAST_KINDS * figures.subjects);
}, 900_000);
