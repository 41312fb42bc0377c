import { fork } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { MATRIX_KINDS } from "./kinds.ts";
import type { JudgedCell } from "./run-matrix.ts";
import { uncovered } from "./subjects.ts";

/** A run of the whole matrix, ready to be told. */
export interface MatrixReport {
  readonly figures: MatrixFigures;
  readonly text: string;
  /** What is wrong, a line for each thing; empty when all is right. */
  readonly complaints: readonly string[];
}

/**
 * Runs the whole matrix; what no subject covers is wrong too. `onProgress` is told a line for a screen after each cell.
 */
export async function matrixReport(onProgress?: (text: string) => void): Promise<MatrixReport> {
  const begun = performance.now();
  const cells: JudgedCell[] = [];
  const note = (cell: JudgedCell): void => {
    cells.push(cell);
    onProgress?.(`${cells.length} cells, ${wrongCells(cells).length} wrong; ${cell.subject}, ${cell.kind}`);
  };
  await Promise.all(Array.from({ length: SHARES }, (_, share) => runShare(share, note)));
  const figures = figuresOf(cells, performance.now() - begun);
  const complaints = [...(await uncovered()), ...wrongLines(cells)];
  return { figures, complaints, text: printMatrix(cells, figures, complaints) };
}

/**
 * What is freed goes back to the system at once, or it would be taken for what a later cell does not cost; elsewhere
 * than with glibc it says nothing. Source: https://man7.org/linux/man-pages/man3/mallopt.3.html
 */
const HONEST_MALLOC = { MALLOC_MMAP_THRESHOLD_: "32768", MALLOC_TRIM_THRESHOLD_: "65536" };

/** Processes that share the subjects: what one cell costs is then as little as may be that of another. */
const SHARES = Math.min(4, Math.max(2, availableParallelism()));

async function runShare(share: number, note: (cell: JudgedCell) => void): Promise<void> {
  const worker = fork(join(import.meta.dirname, "worker.ts"), [String(share), String(SHARES)], {
    execArgv: [],
    env: { ...process.env, ...HONEST_MALLOC },
  });
  worker.on("message", (cell) => note(cell as JudgedCell));
  const [code] = (await once(worker, "exit")) as [number | null];
  if (code !== 0) throw new Error(`a process of the fault matrix ended with ${code}`);
}

/** What a run of the matrix came to. */
export interface MatrixFigures {
  readonly cells: number;
  readonly wrong: number;
  readonly kinds: number;
  readonly subjects: number;
  readonly seconds: number;
  /** The most bytes that a process grew by in a cell. */
  readonly grown_bytes: number;
}

function figuresOf(cells: readonly JudgedCell[], ms: number): MatrixFigures {
  return {
    cells: cells.length,
    wrong: wrongCells(cells).length,
    kinds: new Set(cells.map(({ kind }) => kind)).size,
    subjects: new Set(cells.map(({ subject }) => subject)).size,
    seconds: Math.round(ms / 1_000),
    grown_bytes: Math.max(0, ...cells.map(({ grownBytes = 0 }) => grownBytes)),
  };
}

const wrongLines = (cells: readonly JudgedCell[]): readonly string[] =>
  wrongCells(cells).flatMap(({ subject, kind, wrongs }) => wrongs.map((wrong) => `${subject}, ${kind}: ${wrong}`));

const wrongCells = (cells: readonly JudgedCell[]): readonly JudgedCell[] =>
  cells.filter(({ wrongs }) => wrongs.length > 0);

function costliest(cells: readonly JudgedCell[]): string {
  const [cell] = cells.toSorted((a, b) => (b.grownBytes ?? 0) - (a.grownBytes ?? 0));
  return cell?.grownBytes === undefined ? "" : ` (${cell.subject}, ${cell.kind})`;
}

/**
 * A table with kinds down and subjects across, by number: `.` is right, `X` wrong, and nothing a fault that can not be.
 */
function printMatrix(cells: readonly JudgedCell[], figures: MatrixFigures, complaints: readonly string[]): string {
  const subjects = [...new Set(cells.map(({ subject }) => subject))].toSorted();
  const kinds = MATRIX_KINDS.map(({ name }) => name).filter((name) => cells.some(({ kind }) => kind === name));
  const marks = new Map(
    cells.map(({ subject, kind, wrongs }) => [`${subject}\n${kind}`, wrongs.length > 0 ? "X" : "."]),
  );
  const width = Math.max(...kinds.map((name) => name.length));
  const row = (head: string, columns: readonly string[]): string =>
    `${head.padEnd(width)}${columns.map((column) => column.padStart(3)).join("")}`.trimEnd();
  return [
    ...subjects.map((subject, i) => `${String(i + 1).padStart(2)}  ${subject}`),
    "",
    row(
      "",
      subjects.map((_, i) => String(i + 1)),
    ),
    ...kinds.map((kind) =>
      row(
        kind,
        subjects.map((subject) => marks.get(`${subject}\n${kind}`) ?? " "),
      ),
    ),
    "",
    ...complaints.map((line) => `! ${line}`),
    `${figures.cells} cells of ${figures.kinds} kinds and ${figures.subjects} subjects, ${figures.wrong} wrong, in ${figures.seconds} s`,
    `at most ${(figures.grown_bytes / 1_048_576).toFixed(0)} MiB more memory in a cell${costliest(cells)}`,
    "",
  ].join("\n");
}
