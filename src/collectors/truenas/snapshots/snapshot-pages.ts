/**
 * Bounds of one question: the server takes messages of 64 kB, and a filter's list is gone through for every snapshot.
 */
const MOST_NAMES = 400;
const MOST_NAME_BYTES = 32_000;

/** Something to ask for of a dataset. */
interface Item {
  readonly dataset: string;
}

/**
 * Cuts items into questions of which each names a bounded number of datasets, and is answered with a bounded number of
 * rows as far as `rowsOf` (of a page that may still grow) can tell.
 */
export function pagesOf<I extends Item>(
  items: readonly I[],
  mostRows: number,
  rowsOf: (page: readonly I[]) => number,
): readonly (readonly I[])[] {
  const pages: I[][] = [];
  let page: I[] = [];
  let bytes = 0;
  for (const item of items) {
    const size = Buffer.byteLength(JSON.stringify(item.dataset)) + 1;
    page.push(item);
    bytes += size;
    if (page.length === 1 || (page.length <= MOST_NAMES && bytes <= MOST_NAME_BYTES && rowsOf(page) <= mostRows))
      continue;
    page.pop();
    pages.push(page);
    page = [item];
    bytes = size;
  }
  return page.length === 0 ? pages : [...pages, page];
}
