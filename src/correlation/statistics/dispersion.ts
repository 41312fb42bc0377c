/**
 * How much more counts vary from one slice of time to the next than chance alone would have them (variance by mean, of
 * all groups together): 1 for independent events, more for what comes in bursts; never below 1. A G² divided by it is
 * honest about bursts (quasi-likelihood: McCullagh and Nelder, "Generalized Linear Models", 4.5).
 */
export function dispersion(groups: readonly (readonly number[])[]): number {
  let [sum, freedom] = [0, 0];
  for (const counts of groups) {
    const mean = counts.reduce((total, count) => total + count, 0) / counts.length;
    if (!(mean > 0)) continue;
    sum += counts.reduce((total, count) => total + (count - mean) ** 2, 0) / mean;
    freedom += counts.length - 1;
  }
  return freedom > 0 ? Math.max(1, sum / freedom) : 1;
}
