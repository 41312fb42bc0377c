const RUNS = 5;

/** Seconds of computing of the quickest of several runs, which others on the machine disturbed least; the first one warms up. */
export function cpuSeconds(run: () => unknown): number {
  run();
  const seconds = Array.from({ length: RUNS }, () => {
    const before = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1e6;
  });
  return Math.min(...seconds);
}
