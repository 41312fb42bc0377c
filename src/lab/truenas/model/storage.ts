/** Filled in by the engineer of this room. */
export interface StorageState {
  placeholder?: never;
}

/** A healthy server's, as it is at `now` (Unix seconds). */
export function createStorageState(
  _now: number,
  _options: { readonly datasets: number; readonly snapshotsPerDataset: number },
): StorageState {
  return {};
}
