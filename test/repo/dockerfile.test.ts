import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../src/lib/package.ts";
import { describeReal } from "../helpers/describe-real.ts";
import { contextFiles, dockerignore } from "../helpers/dockerfile-context.ts";
import { readDockerfile, type BuildStage } from "../helpers/dockerfile.ts";
import { runProgram } from "../helpers/process.ts";

const FILE = join(packageRoot, "deploy/image/Dockerfile");
const read = (path: string): Promise<string> => readFile(join(packageRoot, path), "utf8");

describe("the Dockerfile", () => {
  it("ends with an image that runs as a number that is not root, by itself, and says how it is", async () => {
    const [, last] = readDockerfile(await readFile(FILE, "utf8"));
    const { base, config } = last as BuildStage;
    expect(base).toContain("distroless");
    expect(config.user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    expect(config.healthcheck.slice(0, config.entrypoint.length)).toEqual(config.entrypoint);
    expect(config).toMatchObject({ stopSignal: "SIGTERM", volumes: ["/data"], workdir: "/data", ports: ["9797"] });
  });

  it.each([
    ["FROM a\nADD b c", "Dockerfile:2: the instruction ADD is not known"],
    ["FROM a\nENTRYPOINT b", "Dockerfile:2: a form that needs a shell"],
    ["FROM a\nHEALTHCHECK CMD b", "Dockerfile:2: a HEALTHCHECK that needs a shell"],
    ["FROM a\nRUN --mount=type=cache,target=/x b", "Dockerfile:2: a RUN that is no command line"],
    ["FROM a\nCOPY --chmod=755 b c", "Dockerfile:2: the flag --chmod of COPY"],
    ["ARG a\nFROM ${a}", "Dockerfile:2: a variable without a value"],
  ])("is not read past what the tests do not know: %j", (text, message) => {
    expect(() => readDockerfile(text)).toThrow(message);
  });
});

describe("the build context", () => {
  it("holds what is built and packed, and no test", async () => {
    const files = await contextFiles(packageRoot, await read(".dockerignore"));
    const packed = (JSON.parse(await read("package.json")) as { files: string[] }).files;
    const folders = packed.filter((path) => path !== "dist").map((path) => path.split("*")[0] ?? "");
    for (const path of ["package-lock.json", "src/cli/main.ts", "src/tsconfig.json", ...folders])
      expect(files.some((file) => file.startsWith(path))).toBe(true);
    expect(files.filter((file) => /\.test\.ts$|__fixtures__|^(test|bench|node_modules|dist)\//.test(file))).toEqual([]);
  });

  it.each([
    ".git/config",
    ".cache/real/bin/bao",
    "watchkeeper.yaml",
    "web.yml",
    "key.pem",
    "token",
    "node_modules/x/index.js",
    "deploy/compose/.env",
    "deploy/compose/secrets/token",
    "deploy/compose/settings/watchkeeper/pve-token",
    "src/core/secret.test.ts",
  ])("leaves out %s", async (path) => {
    expect(dockerignore(await read(".dockerignore"))(path)).toBe(true);
  });

  it("knows Docker's patterns", () => {
    const isIgnored = dockerignore("*.md\n!README.md\n**/a?\nb/**/c\n/d\n");
    const ignored = ["x.md", "README.md", "y/x.md", "ab", "x/y/ab/z", "abc", "b/c", "b/1/2/c", "d/e", "e/d"];
    expect(ignored.filter(isIgnored)).toEqual(["x.md", "ab", "x/y/ab/z", "b/c", "b/1/2/c", "d/e"]);
  });
});

interface Lock {
  readonly packages: Readonly<
    Record<string, { dev?: boolean; hasInstallScript?: boolean; cpu?: string[]; libc?: string[] }>
  >;
}

describe("the packages with machine code", () => {
  /** The machine that an ELF file is for: https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html */
  const machineOf = async (path: string): Promise<number> => {
    const buffer = await readFile(join(packageRoot, path));
    expect(buffer.subarray(1, 4).toString()).toBe("ELF");
    return buffer.readUInt16LE(18);
  };

  it("are there for amd64 and arm64 without a script or a compiler", async () => {
    expect(await machineOf("node_modules/better-sqlite3/prebuilds/linux-x64.node")).toBe(0x3e);
    expect(await machineOf("node_modules/better-sqlite3/prebuilds/linux-arm64.node")).toBe(0xb7);
    const { packages } = JSON.parse(await read("package-lock.json")) as Lock;
    for (const cpu of ["x64", "arm64"])
      expect(packages[`node_modules/@node-rs/bcrypt-linux-${cpu}-gnu`]).toMatchObject({ cpu: [cpu], libc: ["glibc"] });
  });

  it("need no script: those of production packages that have one are known not to", async () => {
    const { packages } = JSON.parse(await read("package-lock.json")) as Lock;
    const { allowScripts } = JSON.parse(await read("package.json")) as { allowScripts: Record<string, boolean> };
    const scripted = Object.entries(packages).filter(([, { dev, hasInstallScript }]) => !dev && hasInstallScript);
    const names = scripted.map(([path]) => path.replace(/^.*node_modules\//, ""));
    expect(names).not.toEqual([]);
    expect(names.filter((name) => allowScripts[name] !== false)).toEqual([]);
  });
});

describeReal("hadolint", ["hadolint"], ({ hadolint }) => {
  it("finds nothing in the Dockerfile", async () => {
    expect(await runProgram(hadolint, ["--no-color", FILE])).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  it("finds what is wrong in another", async () => {
    const { code, stdout } = await runProgram(hadolint, ["--no-color", "-"], { stdin: "FROM debian\nRUN cd /x\n" });
    expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringContaining("DL3006") });
  });
});
