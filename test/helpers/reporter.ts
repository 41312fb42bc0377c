import type { Reporter, SerializedError, TestCase, TestModule, TestRunEndReason, TestSuite, Vitest } from "vitest/node";

interface Count {
  passed: number;
  failed: number;
  skipped: number;
}

/**
 * Ends the report of a test run with the list of what was skipped, with the reasons, and with the line "N passed, N
 * failed, N skipped". These are tests; a suite or hook that failed, an error outside of any test, and a test that did
 * not end each count as one failed, and with REQUIRE_REAL=1 in the environment so does a test that lacks what it needs.
 */
export class SummaryReporter implements Reporter {
  #vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  onTestRunEnd(
    modules: readonly TestModule[],
    unhandledErrors: readonly SerializedError[],
    reason: TestRunEndReason,
  ): void {
    const lines = skippedLines(modules);
    const { passed, failed, skipped } = count(modules, unhandledErrors, reason);
    if (lines.length > 0) this.#vitest?.logger.log(`Skipped:\n${lines.join("\n")}\n`);
    if (failed > 0) process.exitCode = 1;
    this.#vitest?.logger.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  }
}

function count(
  modules: readonly TestModule[],
  unhandledErrors: readonly SerializedError[],
  reason: TestRunEndReason,
): Count {
  const total: Count = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
  for (const module of modules) {
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      total[state === "pending" || isMissed(test) ? "failed" : state] += 1;
    }
    for (const suite of [module, ...module.children.allSuites()]) if (suite.errors().length > 0) total.failed += 1;
  }
  // A run without a single test file is a failure too.
  if (reason !== "passed" && total.failed === 0) total.failed = 1;
  return total;
}

/** Whether a test did not run for the lack of something that has to be there. */
const isMissed = (test: TestCase): boolean =>
  process.env["REQUIRE_REAL"] === "1" &&
  test.result().state === "skipped" &&
  enclosing(test).some((suite) => suite.meta().skipReason !== undefined);

/** One line for all the tests of a suite that were skipped for the same reason. */
function skippedLines(modules: readonly TestModule[]): string[] {
  const groups = new Map<string, number>();
  for (const module of modules) {
    for (const test of module.children.allTests("skipped")) {
      const line = `  ${skippedWhere(test)}: ${skippedWhy(test)}`;
      groups.set(line, (groups.get(line) ?? 0) + 1);
    }
  }
  return [...groups].map(([line, tests]) => `${line} (${tests} ${tests === 1 ? "test" : "tests"})`);
}

function skippedWhere(test: TestCase): string {
  const suite = skippedSuite(test);
  return suite ? `${test.module.relativeModuleId} > ${suite.fullName}` : test.module.relativeModuleId;
}

function skippedWhy(test: TestCase): string {
  const result = test.result();
  if (result.state === "skipped" && result.note !== undefined) return result.note;
  if (test.options.mode === "todo") return "still to be written";
  const reason = skippedSuite(test)?.meta().skipReason;
  if (reason !== undefined) return reason;
  const hookFailed = enclosing(test).some((suite) => suite.errors().length > 0) || test.module.errors().length > 0;
  return hookFailed ? "a hook of its suite failed" : "no reason is given";
}

/** The outermost suite that was told why it is skipped, else the outermost suite. */
function skippedSuite(test: TestCase): TestSuite | undefined {
  const suites = enclosing(test);
  return suites.find((suite) => suite.meta().skipReason !== undefined) ?? suites[0];
}

/** The suites around a test, the outermost first. */
function enclosing(test: TestCase): TestSuite[] {
  const suites: TestSuite[] = [];
  for (let around = test.parent; around.type === "suite"; around = around.parent) suites.unshift(around);
  return suites;
}
