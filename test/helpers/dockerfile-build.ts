import { chown, cp, mkdir, readdir, readFile, stat, symlink } from "node:fs/promises";
import { delimiter, dirname, join, relative, resolve } from "node:path";
import type { BuildStage, BuildStep } from "./dockerfile.ts";
import { contextFiles } from "./dockerfile-context.ts";
import { runProgram } from "./process.ts";

/** Where a Dockerfile is carried out without a container engine. */
export interface BuildPlace {
  /** Folder of the build context, with its `.dockerignore`. */
  readonly context: string;
  /** Empty folder: each stage gets one in it that is its root. */
  readonly scratch: string;
  /** Puts into the root of a stage what its base image has and the stage needs. */
  readonly fillBase: (image: string, root: string) => Promise<void>;
}

// npm ci takes half a minute, and many times that where other programs want the same cores
const BUILD_DEADLINE = 900_000;
/** A command may name no path of the root: it runs on this machine, in the folder of its stage. */
const NAMES_ROOT = /(?:^|[\s=:"'])\/(?!dev\/null)/;
/** What the run of the tests sets for itself and would mislead npm. */
const NOT_INHERITED =
  /^(npm_(package|lifecycle|command|execpath|node_execpath|config_local_prefix)|INIT_CWD$|NODE_|VITEST)/;

/**
 * Carries out the steps of the stages: COPY copies what `.dockerignore` lets through, RUN runs by `sh -c` with the
 * programs of this machine. Gives the root folder of the last stage.
 */
export async function buildStages(stages: readonly BuildStage[], place: BuildPlace): Promise<string> {
  const roots = new Map<string, string>();
  const env = await buildEnvironment(place.scratch);
  let root = "";
  for (const [i, stage] of stages.entries()) {
    root = join(place.scratch, `stage-${i}`);
    await mkdir(root);
    const former = roots.get(stage.base);
    await (former === undefined ? place.fillBase(stage.base, root) : copyTree(former, root));
    if (stage.name !== undefined) roots.set(stage.name, root);
    await runSteps(stage.steps, { root, roots, context: place.context, env: { ...env, ...stage.config.env } });
  }
  return root;
}

interface Stage {
  readonly root: string;
  readonly roots: ReadonlyMap<string, string>;
  readonly context: string;
  readonly env: Readonly<Record<string, string>>;
}

async function runSteps(steps: readonly BuildStep[], stage: Stage): Promise<void> {
  let workdir = "/";
  for (const step of steps) {
    if (step.kind === "workdir") {
      workdir = resolve(workdir, step.path);
      await mkdir(join(stage.root, workdir), { recursive: true });
    } else if (step.kind === "copy") await runCopy(step, workdir, stage);
    else await runCommand(step.command, join(stage.root, workdir), stage.env);
  }
}

async function runCommand(command: string, cwd: string, env: Readonly<Record<string, string>>): Promise<void> {
  if (NAMES_ROOT.test(command))
    throw new Error(`RUN names a path from the root, so it can not be run here: ${command}`);
  // nothing but this environment: `runProgram` would add that of the tests
  const settings = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const args = ["-i", ...settings, "sh", "-c", command];
  const { code, stdout, stderr } = await runProgram("env", args, { cwd, deadlineMs: BUILD_DEADLINE });
  if (code !== 0) throw new Error(`RUN ${command}\nended with ${code}:\n${(stdout + stderr).slice(-4_000)}`);
}

async function runCopy(
  { from, owner, sources, to }: BuildStep & { kind: "copy" },
  workdir: string,
  { root, roots, context }: Stage,
): Promise<void> {
  const target = join(root, resolve(workdir, to));
  const isFolder = to.endsWith("/") || to === "." || sources.length > 1;
  if (from === undefined) await copyContext(context, sources, { target, isFolder });
  else {
    const [source = ""] = sources;
    const other = roots.get(from);
    if (other === undefined || sources.length !== 1) throw new Error(`COPY --from=${from} ${sources.join(" ")}`);
    await copyTree(join(other, source), target);
  }
  if (owner !== undefined) await giveTo(target, owner);
}

async function copyContext(
  context: string,
  sources: readonly string[],
  { target, isFolder }: { readonly target: string; readonly isFolder: boolean },
): Promise<void> {
  const files = await contextFiles(context, await readFile(join(context, ".dockerignore"), "utf8"));
  for (const source of sources) {
    const path = relative(".", source);
    const found = files.filter((file) => path === "" || file === path || file.startsWith(`${path}/`));
    if (found.length === 0) throw new Error(`COPY ${source}: the build context has no such file`);
    for (const file of found) {
      const below = path === "" ? file : file === path ? (isFolder ? file : "") : file.slice(path.length + 1);
      await mkdir(dirname(join(target, below)), { recursive: true });
      await cp(join(context, file), join(target, below));
    }
  }
}

/** The content of a folder into another, as COPY does. */
async function copyTree(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  const { code, stderr } = await runProgram("cp", ["--archive", "--no-target-directory", from, to]);
  if (code !== 0) throw new Error(stderr);
}

/** Only root may; without it, all is the user's own. */
async function giveTo(path: string, owner: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const [uid = Number.NaN, gid = Number.NaN] = owner.split(":").map(Number);
  await chown(path, uid, gid);
  if ((await stat(path)).isDirectory()) for (const name of await readdir(path)) await giveTo(join(path, name), owner);
}

/** The machine's own, with the Node.js that runs the tests first on the path and no package's programs. */
async function buildEnvironment(scratch: string): Promise<Record<string, string>> {
  const bin = join(scratch, "bin");
  await mkdir(bin);
  await symlink(process.execPath, join(bin, "node"));
  const inherited = Object.entries(process.env).filter(([name]) => !NOT_INHERITED.test(name)) as [string, string][];
  const path = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => !folder.includes("node_modules"));
  return { ...Object.fromEntries(inherited), PATH: [bin, ...path].join(delimiter) };
}
