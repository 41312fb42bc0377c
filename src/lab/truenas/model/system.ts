/** Filled in by the engineer of this room. */
export interface SystemState {
  placeholder?: never;
}

/** A healthy server's, as it is at `now` (Unix seconds). */
export function createSystemState(
  _now: number,
  _options: { readonly datasets: number; readonly snapshotsPerDataset: number },
): SystemState {
  return {};
}
