/** An app of the server. */
export interface LabApp {
  readonly name: string;
  /** RUNNING, STOPPED, DEPLOYING, STOPPING or CRASHED. */
  state: string;
  version: string;
  upgradeAvailable: boolean;
}

/** One that runs, one that runs and has a newer version, and one that was stopped. */
export const createApps = (): LabApp[] => [
  { name: "immich", state: "RUNNING", version: "1.9.3", upgradeAvailable: true },
  { name: "syncthing", state: "RUNNING", version: "1.1.20", upgradeAvailable: false },
  { name: "minecraft", state: "STOPPED", version: "1.12.4", upgradeAvailable: false },
];
