import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { packageRoot } from "../../src/lib/package.ts";
import { createTemporaryFolder, type TemporaryFolder } from "./janitor.ts";
import { runProgram, type RunResult } from "./process.ts";

let folder: TemporaryFolder;

beforeEach(async () => {
  folder = await createTemporaryFolder("reporter");
  await symlink(join(packageRoot, "node_modules"), join(folder.path, "node_modules"));
  await writeFile(join(folder.path, "package.json"), '{ "type": "module" }');
  await writeFile(
    join(folder.path, "vitest.config.ts"),
    `import { SummaryReporter } from ${JSON.stringify(import.meta.resolve("./reporter.ts"))};
     export default { test: { reporters: ["default", new SummaryReporter()] } };`,
  );
});

afterEach(() => folder.remove());

/** Runs vitest on the files (name without ".test.ts", and content) and returns what it says. */
async function run(files: Record<string, string>, env: Record<string, string> = {}): Promise<RunResult> {
  await mkdir(join(folder.path, "tests"));
  for (const [name, text] of Object.entries(files)) {
    const head = `import { afterAll, beforeAll, describe, expect, it } from "vitest";
      import { describeReal } from ${JSON.stringify(import.meta.resolve("./describe-real.ts"))};\n`;
    await writeFile(join(folder.path, `tests/${name}.test.ts`), head + text);
  }
  const vitest = join(packageRoot, "node_modules/vitest/vitest.mjs");
  return runProgram(process.execPath, [vitest, "run", "--no-color"], {
    cwd: folder.path,
    env: { REQUIRE_REAL: "", NO_COLOR: "1", ...env },
  });
}

const lastLine = ({ stdout }: RunResult): string | undefined => stdout.trimEnd().split("\n").at(-1);

it("ends with the numbers of tests when all is well", async () => {
  const result = await run({ good: `it("a", () => {}); describe("s", () => { it("b", () => {}); });` });
  expect(lastLine(result)).toBe("2 passed, 0 failed, 0 skipped");
  expect(result.stdout).not.toContain("Skipped:");
  expect(result.code).toBe(0);
});

it("counts what lacks something as failed where everything has to be there", async () => {
  const files = {
    lacks: `describe("s", { skip: true, meta: { skipReason: "no such device" } }, () => { it("a", () => {}); });
      it("b", () => {}); it.skip("c", () => {});`,
  };
  const result = await run(files, { REQUIRE_REAL: "1" });
  expect(result.stdout).toContain("no such device (1 test)");
  expect(lastLine(result)).toBe("1 passed, 1 failed, 1 skipped");
  expect(result.code).toBe(1);
});

it("lists what was skipped with the reasons", async () => {
  const result = await run({
    skips: `
      it("runs", () => {});
      it.skip("a", () => {});
      it.todo("b");
      describe.skip("slow ones", () => { it("c", () => {}); describe("inner", () => { it("d", () => {}); }); });
      it("e", ({ skip }) => skip("no such device"));
    `,
  });
  expect(result.stdout).toContain(`Skipped:
  tests/skips.test.ts: no reason is given (1 test)
  tests/skips.test.ts: still to be written (1 test)
  tests/skips.test.ts > slow ones: no reason is given (2 tests)
  tests/skips.test.ts: no such device (1 test)
`);
  expect(lastLine(result)).toBe("1 passed, 0 failed, 5 skipped");
  expect(result.code).toBe(0);
});

it("counts failed tests, hooks, files, and errors outside of tests", async () => {
  const result = await run({
    failing: `
      it("fails", () => expect(1).toBe(2));
      describe("hooks", () => {
        beforeAll(() => { throw new Error("no database"); });
        it("never runs", () => {});
      });
      describe("late", () => { afterAll(() => { throw new Error("still open"); }); it("passes", () => {}); });
      it("leaves something behind", async () => { void Promise.reject(new Error("unheard")); await new Promise((done) => setTimeout(done, 50)); });
    `,
    broken: `import "./missing.ts"; it("never", () => {});`,
  });
  expect(lastLine(result)).toBe("2 passed, 5 failed, 1 skipped");
  expect(result.stdout).toContain("tests/failing.test.ts > hooks: a hook of its suite failed (1 test)");
  expect(result.code).toBe(1);
});

it("counts a run without tests as one failure", async () => {
  const result = await run({});
  expect(lastLine(result)).toBe("0 passed, 1 failed, 0 skipped");
  expect(result.code).toBe(1);
});

it("skips a suite without its programs, says how to get them, and fails instead when they are required", async () => {
  const suite = `describeReal("a server", ["sh", "no-such-server"], ({ sh }) => { it("serves", () => {}); it("stops", () => {}); });
    describeReal("a shell", ["sh"], ({ sh }) => { it("is found", () => expect(sh).toMatch(/\\/sh$/)); });`;
  const skipped = await run({ suite });
  expect(skipped.stdout).toContain(
    "tests/suite.test.ts > a server: no-such-server missing: run `bash test/real/install.sh` (2 tests)",
  );
  expect(lastLine(skipped)).toBe("1 passed, 0 failed, 2 skipped");
});

it("fails a suite without its programs where they are required", async () => {
  const suite = `describeReal("a server", ["no-such-server"], () => {
      beforeAll(() => { console.log("starting it") });
      it("serves", () => {});
    });`;
  const failed = await run({ suite }, { REQUIRE_REAL: "1" });
  expect(failed.stderr).toContain("Error: no-such-server missing: run `bash test/real/install.sh`");
  expect(failed.stdout).not.toContain("starting it");
  expect(lastLine(failed)).toBe("0 passed, 1 failed, 1 skipped");
  expect(failed.code).toBe(1);
});
