import { runMatrix } from "./run-matrix.ts";
import { matrixSubjects } from "./subjects.ts";

// One of several processes, each with its share of the subjects: started by `report.ts`, which is told of each cell.
const [share = 0, shares = 1] = process.argv.slice(2).map(Number);
process.once("disconnect", () => process.exit(1));
await runMatrix({
  subjects: matrixSubjects.filter((_, i) => i % shares === share),
  onCell: (cell) => process.send?.(cell),
});
process.removeAllListeners("disconnect");
process.disconnect?.();
