import { configDefaults, defineConfig } from "vitest/config";
import { SummaryReporter } from "./test/helpers/reporter.ts";

// `unit` runs beside the code, `e2e` runs the built process, `real` runs real servers. Each file belongs to exactly one of them.
// `kubernetes` is left out of `npm test`, since its server takes minutes to be built: `npm run test:kubernetes` does that and runs it.
const REAL = "test/real/**/*.test.ts";
const KUBERNETES = "test/real/kubernetes-*.test.ts";
const UNIT = ["src/**/*.test.ts", "test/helpers/**/*.test.ts", "test/repo/**/*.test.ts"];

export default defineConfig({
  test: {
    reporters: ["default", new SummaryReporter()],
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: { name: "unit", include: UNIT, isolate: false, sequence: { groupOrder: 0 } },
      },
      {
        extends: true,
        test: {
          name: "e2e",
          include: ["test/**/*.test.ts"],
          exclude: [...configDefaults.exclude, REAL, ...UNIT],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: "real",
          include: [REAL],
          exclude: [...configDefaults.exclude, KUBERNETES],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: "kubernetes",
          include: [KUBERNETES],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
