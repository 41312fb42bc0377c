import { execFileSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { packageRoot } from "../../src/lib/package.ts";
import { describeReal } from "../helpers/describe-real.ts";
import { freePorts } from "../helpers/free-ports.ts";
import { createTemporaryFolder } from "../helpers/janitor.ts";
import { startProcess } from "../helpers/process.ts";
import { findProgram } from "../helpers/programs.ts";

const UNIT = join(packageRoot, "deploy/systemd/watchkeeper.service");
/** SQLite gives its files away only as root, which the tests may be and the service never is. */
const ONLY_AS_ROOT = new Set(["fchown"]);

const analyze = findProgram("systemd-analyze");
const mayAnalyze =
  analyze === undefined ? { skip: true, meta: { skipReason: "systemd-analyze is missing: install systemd" } } : {};

/** The calls of a set such as `@system-service`, with those of the sets in it. */
function callsOf(set: string): readonly string[] {
  if (!set.startsWith("@")) return [set];
  const text = execFileSync(analyze ?? "", ["syscall-filter", set], { encoding: "utf8" });
  return text
    .split("\n")
    .filter((line) => /^ {4}[@a-z]/.test(line))
    .flatMap((line) => callsOf(line.trim()));
}

/** What the lines `SystemCallFilter=` of the unit leave; a `~` takes away. */
async function allowedCalls(): Promise<ReadonlySet<string>> {
  const allowed = new Set<string>();
  for (const [, without, sets = ""] of (await readFile(UNIT, "utf8")).matchAll(/^SystemCallFilter=(~?)(.*)$/gm)) {
    const calls = sets.split(" ").flatMap(callsOf);
    for (const call of calls)
      if (without === "~") allowed.delete(call);
      else allowed.add(call);
  }
  return allowed;
}

describeReal("the system calls of the service", ["strace"], ({ strace }) => {
  it("are those that the systemd unit allows", { ...mayAnalyze, timeout: 240_000 }, async () => {
    const folder = await createTemporaryFolder("syscalls");
    const [port = 0] = await freePorts(1);
    await writeFile(
      join(folder.path, "watchkeeper.yaml"),
      [
        `server: { listen: "127.0.0.1:${port}" }`,
        "targets: { certificates: [{ name: none, endpoints: [{ urls: ['https://127.0.0.1:1'] }] }] }",
        "alerting:",
        "  sources: [{ name: main }]",
        '  destinations: [{ name: hook, type: webhook, url: "http://127.0.0.1:1/" }]',
        "  route: { destinations: [hook] }",
      ].join("\n"),
    );
    const counts = join(folder.path, "counts");
    const service = await startProcess({
      command: strace,
      args: [
        "-f",
        "-qq",
        "-c",
        "-U",
        "name",
        "-o",
        counts,
        process.execPath,
        join(packageRoot, "dist/cli/main.js"),
        "serve",
      ],
      cwd: folder.path,
      ready: async () => (await fetch(`http://127.0.0.1:${port}/-/ready`)).ok,
      deadlineMs: 120_000,
    });
    await fetch(`http://127.0.0.1:${port}/metrics`);
    expect(await service.stop(60_000)).toMatchObject({ code: 0 });
    const made = (await readFile(counts, "utf8")).match(/^(?!syscall$|total$)[a-z_0-9]+$/gm) ?? [];
    await folder.remove();
    expect(made).toEqual(expect.arrayContaining(["accept4", "fsync", "connect"]));
    const allowed = await allowedCalls();
    expect(made.filter((call) => !allowed.has(call) && !ONLY_AS_ROOT.has(call))).toEqual([]);
    expect([...allowed]).not.toContain("mount");
  });
});
