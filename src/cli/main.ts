#!/usr/bin/env node
import { keepYoungHeapSmall } from "../lib/heap.ts";

const OLDEST_NODE = 24;

// what is imported below does not even load on an older Node, and would say so in its own words
if (Number.parseInt(process.versions.node, 10) < OLDEST_NODE) {
  process.stderr.write(`Watchkeeper needs Node.js ${OLDEST_NODE} or newer; this is ${process.version}.\n`);
  process.stderr.write("In its folder, `npm run -s watchkeeper -- <verb>` uses the one that npm installed.\n");
  process.exitCode = 2;
} else {
  keepYoungHeapSmall();
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    // who reads has enough, such as `head`
    process.exit();
  });
  const { run } = await import("./program.ts");
  await run();
}
