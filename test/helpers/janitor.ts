import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Writable } from "node:stream";

/**
 * Reads what to clean up line by line, and cleans up when its input ends: when the test process is gone, however it
 * went.
 */
const SCRIPT = `
trap '' INT TERM HUP
groups=
while read -r verb what; do
  case $verb in
    group) groups="$groups $what" ;;
    ended) kept=; for group in $groups; do [ "$group" = "$what" ] || kept="$kept $group"; done; groups=$kept ;;
    folder) set -- "$@" "$what" ;;
  esac
done
for group in $groups; do kill -KILL "-$group"; done
[ $# = 0 ] || rm -rf "$@" || { sleep 1; rm -rf "$@"; }
`;

let notes: Writable | undefined;

/**
 * Has the process group killed when this process ends without having said {@link processGroupEnded}, even by kill -9.
 */
export function killAtExit(processGroup: number): void {
  note(`group ${processGroup}`);
}

/** Takes {@link killAtExit} back, since the number may soon be another process's. */
export function processGroupEnded(processGroup: number): void {
  note(`ended ${processGroup}`);
}

/** A folder of a test's own. */
export interface TemporaryFolder {
  readonly path: string;
  remove(): Promise<void>;
}

/** Makes an empty folder; one that is not removed goes when this process ends. */
export async function createTemporaryFolder(purpose: string): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), `watchkeeper-${purpose}-`));
  note(`folder ${path}`);
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }) };
}

function note(line: string): void {
  notes ??= startJanitor();
  notes.write(`${line}\n`);
}

function startJanitor(): Writable {
  // A session of its own: Ctrl+C in the terminal must not end it before it has done its work.
  const janitor = spawn("sh", ["-c", SCRIPT], { detached: true, stdio: ["pipe", "ignore", "ignore"] });
  janitor.unref();
  const { stdin } = janitor;
  if ("unref" in stdin && typeof stdin.unref === "function") stdin.unref();
  return stdin;
}
