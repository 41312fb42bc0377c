/** A quantile of sorted values, between the two nearest ones where it falls between them; NaN of none. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const place = (sorted.length - 1) * share;
  const low = sorted[Math.floor(place)] ?? Number.NaN;
  const high = sorted[Math.ceil(place)] ?? Number.NaN;
  return low === high ? low : low + (high - low) * (place - Math.floor(place));
}

/** Values in their order. A typed array sorts numbers as numbers, and four times as fast. */
export const sortedValues = (values: Iterable<number>): Float64Array => Float64Array.from(values).toSorted();
