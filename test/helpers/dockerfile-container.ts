import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ImageConfig } from "./dockerfile.ts";

/** Where a container runs: the root of its image, the folder that is mounted at `/data`, that of its configuration. */
export interface ContainerPlace {
  readonly root: string;
  readonly data: string;
  /** Mounted read-only at `/etc/watchkeeper`. */
  readonly settings: string;
}

/** A command line; it sets its own environment. */
export interface ContainerCommand {
  readonly command: string;
  readonly args: readonly string[];
}

/** Where Google's distroless images have Node.js. */
const NODE = "/nodejs/bin/node";
/** Which folders a container engine mounts by itself. */
const MOUNTED = ["proc", "dev", "tmp", "data", "etc/watchkeeper"];

// what an engine does for `--read-only --tmpfs /tmp --volume data:/data --user`, but in the network and with the
// processes of this machine
const ENTER = `
root=$1 data=$2 settings=$3 uid=$4 gid=$5 workdir=$6
shift 6
mount --bind "$root" "$root" && mount -o remount,bind,ro "$root" &&
  mount --bind /proc "$root/proc" && mount --rbind /dev "$root/dev" &&
  mount -t tmpfs -o mode=1777 tmpfs "$root/tmp" && mount --bind "$data" "$root/data" &&
  mount --bind "$settings" "$root/etc/watchkeeper" && mount -o remount,bind,ro "$root/etc/watchkeeper" &&
  exec unshare --root="$root" --wd="$workdir" --setgid "$gid" --setuid "$uid" "$@"
`;

/** Why no container can be run here without an engine; undefined when one can. */
export function containersImpossible(): string | undefined {
  if (process.getuid?.() !== 0) return "only root can run the image without a container engine";
  try {
    execFileSync("unshare", ["--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], { stdio: "ignore" });
    return undefined;
  } catch {
    return "nothing can be mounted here, so the image can not be run without a container engine";
  }
}

/** Libraries of Debian's package libc6 to which Node.js is not linked, and others may be. */
const LIBC_OTHERS = [
  "librt.so.1",
  "libresolv.so.2",
  "libutil.so.1",
  "libanl.so.1",
  "libnss_dns.so.2",
  "libnss_files.so.2",
];

/**
 * Puts into an empty root what the distroless Node.js image has of what a program can need: Node.js (the one that runs
 * the tests), the libraries that it is linked to, and the rest of the C library, all of this machine. There is no
 * shell.
 */
export async function fillDistroless(root: string): Promise<void> {
  const linked = execFileSync("ldd", [process.execPath], { encoding: "utf8" }).match(/\/\S+/g) ?? [];
  const libc = dirname(linked.find((path) => path.endsWith("/libc.so.6")) ?? "");
  const libraries = [...linked, ...LIBC_OTHERS.map((name) => join(libc, name)).filter((path) => existsSync(path))];
  for (const [from, to] of [[process.execPath, NODE] as const, ...libraries.map((path) => [path, path] as const)]) {
    await mkdir(dirname(join(root, to)), { recursive: true });
    await cp(from, join(root, to), { dereference: true });
  }
  for (const folder of MOUNTED) await mkdir(join(root, folder), { recursive: true });
  await writeFile(join(root, "etc/passwd"), "nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n");
}

/**
 * A program of the image as a container runs it: only its files, read-only but for `/data` and `/tmp`, and its user.
 */
export function inContainer(config: ImageConfig, argv: readonly string[], place: ContainerPlace): ContainerCommand {
  const [uid = "", gid = ""] = config.user.split(":");
  const env = Object.entries({ PATH: process.env["PATH"], ...config.env }).map(([name, value]) => `${name}=${value}`);
  const given = [place.root, place.data, place.settings, uid, gid, config.workdir];
  return { command: "env", args: ["-i", ...env, "unshare", "--mount", "sh", "-c", ENTER, "sh", ...given, ...argv] };
}
