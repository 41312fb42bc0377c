/* oxlint-disable vitest/valid-title, vitest/valid-describe-callback -- the title and the content of the suite are the caller's */
import { beforeAll, describe } from "vitest";
import { findProgram, INSTALL_PROGRAMS } from "./programs.ts";

declare module "vitest" {
  interface TaskMeta {
    /** Why a suite is skipped: said at the end of the test run. */
    skipReason?: string;
  }
}

/**
 * Declares a suite that needs real programs, and hands it their paths. Without one of them the suite is skipped, and
 * the reason is in the list at the end of the test run; with REQUIRE_REAL=1 in the environment it fails instead.
 */
export function describeReal<P extends string>(
  title: string,
  programs: readonly P[],
  declare: (paths: Readonly<Record<P, string>>) => void,
): void {
  const paths = programs.map((name) => [name, findProgram(name)] as const);
  const missing = paths.filter(([, path]) => path === undefined).map(([name]) => name);
  const reason = missing.length > 0 ? `${missing.join(", ")} missing: ${INSTALL_PROGRAMS}` : undefined;
  const required = process.env["REQUIRE_REAL"] === "1";
  const options = reason === undefined || required ? {} : { skip: true, meta: { skipReason: reason } };
  describe(title, options, () => {
    beforeAll(() => {
      if (reason !== undefined) throw new Error(reason);
    });
    // Without its programs too, so that its tests are counted.
    declare(Object.fromEntries(paths) as Record<P, string>);
  });
}
