/** Least chance that is told: a smaller one can not be kept in a number. */
const LEAST = 1e-300;

/**
 * The chance that a chi-square variable with one degree of freedom is at least `value` (its survival function), which
 * is `erfc(sqrt(value / 2))`. From 1 at zero down to 1e-300. Abramowitz and Stegun, 26.4.
 */
export function chiSquareSurvival(value: number): number {
  if (!(value > 0)) return 1;
  return Math.max(LEAST, Math.min(1, erfc(Math.sqrt(value / 2))));
}

/**
 * Complementary error function of what is not negative; right to about 1e-13 of its value. Abramowitz and Stegun, 7.1.
 */
function erfc(x: number): number {
  return x < 2.5 ? 1 - erfBySeries(x) : erfcByFraction(x);
}

/** 7.1.6: every term is positive, so that nothing cancels out. */
function erfBySeries(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; term > sum * 1e-17; n += 1) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** 7.1.14, from its innermost part outwards. */
function erfcByFraction(x: number): number {
  let fraction = x;
  for (let n = 80; n >= 1; n -= 1) fraction = x + n / 2 / fraction;
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * fraction);
}
