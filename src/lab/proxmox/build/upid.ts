import type { PveTask } from "../model.ts";

const hex = (value: number): string => value.toString(16).toUpperCase().padStart(8, "0");

/** A task with its name, which holds its parts in hex. */
export function createTask(parts: Omit<PveTask, "upid">): PveTask {
  const { node, pid, pstart, starttime, type, id, user } = parts;
  return { upid: `UPID:${node}:${hex(pid)}:${hex(pstart)}:${hex(starttime)}:${type}:${id}:${user}:`, ...parts };
}
