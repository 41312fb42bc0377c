import { CLOCK_FILE, openSharedClock } from "./shared-clock.ts";
import { tellTime } from "./skewed-date.ts";

// `node --import` of the emulated systems: their clocks are those of the service, their timers the machine's

const clock = openSharedClock(process.env[CLOCK_FILE] ?? "");
const machineNow = Date.now;
const machineElapsed = performance.now.bind(performance);
tellTime(() => Math.floor(machineNow() + clock.read("ahead")));
performance.now = () => machineElapsed() + clock.read("ahead");
