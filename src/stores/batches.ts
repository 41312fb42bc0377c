/** Statements of more rows than this gain nothing, and databases bound the number of values in one. */
const MOST_ROWS = 256;

/**
 * The rows in runs whose lengths are powers of two: a statement's text depends on the number of its rows, and so there
 * are only a few texts, which the database has prepared already.
 */
export function* batches<T>(rows: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < rows.length;) {
    const left = rows.length - at;
    const length = left >= MOST_ROWS ? MOST_ROWS : 2 ** Math.floor(Math.log2(left));
    yield rows.slice(at, at + length);
    at += length;
  }
}
