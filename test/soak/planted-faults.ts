import { openSync } from "node:fs";

// `node --import` of a service that is to be found out: it leaks memory, descriptors and timers, and its schedules
// drift

const MIB = 1_048_576;
const STEP_MS = 600_000;
const DRIFT = 1.05;

const kept: unknown[] = [];
const elapsed = performance.now.bind(performance);
performance.now = () => elapsed() / DRIFT;

setInterval(() => {
  kept.push(Buffer.alloc(20 * MIB, 1), ...Array.from({ length: 3 }, () => openSync(import.meta.filename, "r")));
  for (let i = 0; i < 20; i += 1) kept.push(setTimeout(() => undefined, 1_000 * STEP_MS));
}, STEP_MS);
