const GIB = 1024 ** 3;

/** A network interface as the newest figures have it. */
export interface LabInterface {
  readonly name: string;
  up: boolean;
  /** Mbit/s. */
  speed: number;
  /** Bytes in a second. */
  received: number;
  sent: number;
}

/** The newest figures of the machine. */
export interface LabRealtime {
  /** Percent. */
  cpuUsage: number;
  /** By core; empty where the machine tells none. */
  coreTemperatures: number[];
  memoryAvailable: number;
  arcSize: number;
  /** Reads in a second that somebody waits for, and those that the cache answered. */
  readonly reads: { data: number; metadata: number; dataHits: number; metadataHits: number };
  readonly interfaces: LabInterface[];
}

/** Of a machine that is well. */
export const createRealtime = (): LabRealtime => ({
  cpuUsage: 12.5,
  coreTemperatures: [41, 43, 40, 42],
  memoryAvailable: 18 * GIB,
  arcSize: 36 * GIB,
  reads: { data: 900, metadata: 100, dataHits: 860, metadataHits: 90 },
  interfaces: [
    { name: "eno1", up: true, speed: 10_000, received: 1_250_000, sent: 320_000 },
    { name: "eno2", up: true, speed: 1_000, received: 2_000, sent: 1_000 },
  ],
});
