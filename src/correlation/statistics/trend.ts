/**
 * Share of the points' variation that a straight line explains (R² of least squares), from 0 to 1; 0 where they do not
 * vary.
 */
export function lineFit(points: readonly (readonly [at: number, value: number])[]): number {
  const first = points[0]?.[0] ?? 0;
  const count = Math.max(1, points.length);
  let [sumAt, sumValue] = [0, 0];
  for (const [at, value] of points) {
    sumAt += at - first;
    sumValue += value;
  }
  const [middle, level] = [sumAt / count, sumValue / count];
  let [ofAt, ofValue, ofBoth] = [0, 0, 0];
  for (const [at, value] of points) {
    const [x, y] = [at - first - middle, value - level];
    ofAt += x * x;
    ofValue += y * y;
    ofBoth += x * y;
  }
  // below this share of their level, values differ by rounding
  return ofAt > 0 && ofValue > count * (level * 1e-9) ** 2 ? Math.min(1, ofBoth ** 2 / (ofAt * ofValue)) : 0;
}
