import { cpus } from "node:os";
import { setTimeout as wait } from "node:timers/promises";

const LOOK_MS = 2_000;

/** Looks for two seconds how busy others keep the machine: the share of all its processors, from 0 to 1. */
export async function lookHowBusy(): Promise<number> {
  const before = processorTimes();
  await wait(LOOK_MS);
  const after = processorTimes();
  const all = after.all - before.all;
  return all <= 0 ? 0 : Math.round((1 - (after.idle - before.idle) / all) * 100) / 100;
}

function processorTimes(): { readonly all: number; readonly idle: number } {
  const times = cpus().map(({ times: each }) => each);
  const sum = (of: readonly number[]): number => of.reduce((total, each) => total + each, 0);
  return { all: sum(times.flatMap((each) => Object.values(each))), idle: sum(times.map(({ idle }) => idle)) };
}
