import { configDefaults, defineConfig } from "vitest/config";
import { SummaryReporter } from "./test/helpers/reporter.ts";

// `unit` runs beside the code, `e2e` runs the built process, `real` and `timed` run real servers. Each file belongs to
// exactly one. `kubernetes` and `jaeger` are left out of `npm test`, since their servers take minutes to be built:
// `npm run test:kubernetes` and `npm run test:jaeger` do that and run them.
const REAL = "test/real/**/*.test.ts";
// They hold the service to times that are promised to people, and nothing else is to run beside them.
const TIMED = ["test/real/demo.test.ts", "test/real/replicas.test.ts"];
const KUBERNETES = "test/real/kubernetes-*.test.ts";
const JAEGER = "test/real/jaeger-*.test.ts";
const UNIT = ["src/**/*.test.ts", "test/helpers/**/*.test.ts", "test/repo/**/*.test.ts"];
const PROPERTIES = "test/helpers/property-seed.ts";

export default defineConfig({
  test: {
    reporters: ["default", new SummaryReporter()],
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        // properties take seconds on a machine that does other things too; nothing may fail for being slow
        test: {
          name: "unit",
          include: UNIT,
          isolate: false,
          setupFiles: PROPERTIES,
          testTimeout: 30_000,
          sequence: { groupOrder: 0 },
        },
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
          setupFiles: PROPERTIES,
          exclude: [...configDefaults.exclude, ...TIMED, KUBERNETES, JAEGER],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: "timed",
          include: TIMED,
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 3 },
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
          sequence: { groupOrder: 4 },
        },
      },
      {
        extends: true,
        test: {
          name: "jaeger",
          include: [JAEGER],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 5 },
        },
      },
    ],
  },
});
