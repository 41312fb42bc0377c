import type { ProxmoxCalls } from "./contract.ts";

/** Counts requests by token, node and path. */
export class Calls {
  readonly #counts = new Map<string, { total: number; byPath: Map<string, number>; byNode: Map<string, number> }>();

  count(tokenId: string, node: string, path: string): void {
    const counted = this.#counts.get(tokenId) ?? { total: 0, byPath: new Map(), byNode: new Map() };
    this.#counts.set(tokenId, counted);
    counted.total += 1;
    counted.byPath.set(path, (counted.byPath.get(path) ?? 0) + 1);
    counted.byNode.set(node, (counted.byNode.get(node) ?? 0) + 1);
  }

  /** What one token asked, or all; a request without a token counts for the empty one. */
  of(tokenId?: string): ProxmoxCalls {
    const chosen = [...this.#counts].filter(([id]) => tokenId === undefined || id === tokenId).map(([, one]) => one);
    return {
      total: chosen.reduce((sum, { total }) => sum + total, 0),
      byPath: summed(chosen.map(({ byPath }) => byPath)),
      byNode: summed(chosen.map(({ byNode }) => byNode)),
    };
  }

  reset(): void {
    this.#counts.clear();
  }
}

function summed(maps: readonly ReadonlyMap<string, number>[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const [key, value] of maps.flatMap((map) => [...map])) sums[key] = (sums[key] ?? 0) + value;
  return sums;
}
