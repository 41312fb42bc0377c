import { access, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createTemporaryFolder } from "./janitor.ts";
import { runProgram, startProcess, type RunningProcess } from "./process.ts";
import { waitUntil } from "./wait-until.ts";

const node = process.execPath;

/** A shell that starts a descendant, says its id, and waits. */
const family = ["-c", "sleep 600 & echo child $!; wait"];

describe("startProcess", () => {
  it("waits until the process is ready", async () => {
    const started = await startProcess({
      command: node,
      args: ["-e", "setTimeout(() => console.log('here I am'), 50); setInterval(() => {}, 1000)"],
      ready: ({ output }) => output().includes("here I am"),
    });
    expect(started.output()).toBe("here I am\n");
    expect(await started.stop()).toEqual({ code: null, signal: "SIGTERM" });
  });

  it("fails with the last output when the process ends before", async () => {
    const start = startProcess({
      command: "sh",
      args: ["-c", "echo the port is taken >&2; exit 3"],
      ready: () => false,
    });
    await expect(start).rejects.toThrow(
      "sh ended before it was ready (exit code 3)\nIts last output:\nthe port is taken",
    );
  });

  it("fails with the last error and output at the deadline, and leaves nothing running", async () => {
    let pid = 0;
    const start = startProcess({
      command: "sh",
      args: family,
      ready: (started) => {
        pid = childOf(started);
        throw new Error("nobody answers");
      },
      deadlineMs: 300,
    });
    await expect(start).rejects.toThrow(
      /Waited 0\.3 s in vain until sh is ready; the last try failed: nobody answers\nIts last output:\nchild \d+/,
    );
    await waitUntil("the descendant is gone", () => isGone(pid));
  });

  it("says which program could not be started", async () => {
    const start = startProcess({ command: "/nowhere/program", args: [], ready: () => true });
    await expect(start).rejects.toThrow("/nowhere/program could not be started: spawn /nowhere/program ENOENT");
  });

  it("ends the descendants too", async () => {
    const started = await startProcess({
      command: "sh",
      args: ["-c", "(trap '' TERM; sleep 600) & echo child $!; wait"],
      ready: (started) => childOf(started) > 0,
    });
    const pid = childOf(started);
    expect(await started.stop(60_000)).toEqual({ code: null, signal: "SIGTERM" });
    await waitUntil("the descendant is gone", () => isGone(pid));
  });

  it("kills a process that does not heed SIGTERM", async () => {
    const started = await startProcess({
      command: "sh",
      args: ["-c", "trap '' TERM; echo ready; while :; do sleep 1; done"],
      ready: ({ output }) => output() !== "",
    });
    expect(await started.stop(50)).toEqual({ code: null, signal: "SIGKILL" });
    expect(await started.stop()).toEqual({ code: null, signal: "SIGKILL" });
  });

  it("freezes a process, lets it go on, and stops a frozen one", async () => {
    const count = "let n = 0; setInterval(() => console.log(n++), 5)";
    const started = await startProcess({ command: node, args: ["-e", count], ready: ({ output }) => output() !== "" });
    await started.pause();
    // What was written before the signal may still be in the pipe.
    let before = "";
    await waitUntil("no more output comes", () => before === (before = started.output()), { everyMs: 100 });
    started.resume();
    await waitUntil("it goes on", () => started.output() !== before);
    await started.pause();
    expect(await started.stop()).toEqual({ code: null, signal: "SIGTERM" });
  });

  it("leaves no process and no folder when the test process is killed", async () => {
    const folder = await createTemporaryFolder("test");
    const script = join(folder.path, "script.ts");
    await writeFile(script, orphanMaker(import.meta.resolve("./process.ts"), import.meta.resolve("./janitor.ts")));
    const maker = await startProcess({
      command: node,
      args: [script],
      ready: ({ output }) => output().includes("ready"),
    });
    const [, pid = "", path = ""] = /child (\d+) folder (\S+)/.exec(maker.output()) ?? [];
    expect(await isGone(Number(pid))).toBe(false);
    await access(path);
    maker.signal("SIGKILL");
    await waitUntil("the child is gone", () => isGone(Number(pid)));
    await waitUntil("the folder is gone", () =>
      access(path).then(
        () => false,
        () => true,
      ),
    );
    await folder.remove();
  });
});

describe("runProgram", () => {
  it("gives the input, and returns the code and both outputs", async () => {
    const result = await runProgram("sh", ["-c", "cat; echo $COLOUR >&2; pwd; exit 4"], {
      stdin: "some input\n",
      env: { COLOUR: "green" },
      cwd: "/",
    });
    expect(result).toEqual({ code: 4, stdout: "some input\n/\n", stderr: "green\n" });
  });

  it("does not mind a program that reads no input", async () => {
    expect(await runProgram("true", [], { stdin: "x".repeat(1_000_000) })).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  it("kills the program at the deadline", async () => {
    const run = runProgram("sh", ["-c", "echo still at work >&2; sleep 600"], { deadlineMs: 200 });
    await expect(run).rejects.toThrow("sh did not run to its end (ended by SIGKILL)\nstill at work");
  });
});

function childOf(started: RunningProcess): number {
  return Number(/child (\d+)/.exec(started.output())?.[1] ?? 0);
}

/** A process that has ended but that nobody waited for (state Z) is gone. */
async function isGone(pid: number): Promise<boolean> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => ") Z");
  return text.slice(text.lastIndexOf(")")).startsWith(") Z");
}

function orphanMaker(processModule: string, janitorModule: string): string {
  return `
    import { startProcess } from ${JSON.stringify(processModule)};
    import { createTemporaryFolder } from ${JSON.stringify(janitorModule)};
    const folder = await createTemporaryFolder("orphan");
    const child = await startProcess({ command: "sleep", args: ["600"], ready: () => true });
    console.log("child", child.pid, "folder", folder.path);
    console.log("ready");
    setInterval(() => {}, 1000);
  `;
}
