import type { LabMethods } from "./contract.ts";
import { datasetsMethods } from "./datasets.ts";
import { disksMethods } from "./disks.ts";
import { rawPoolsMethods } from "./pools-raw.ts";
import { poolsMethods } from "./pools.ts";

/**
 * What the server answers of pools, disks and datasets. Sources: the plugins `pool_`, `zpool`, `disk`, `disk_` and
 * `smart` of https://github.com/truenas/middleware
 */
export const storageMethods: LabMethods = { ...poolsMethods, ...rawPoolsMethods, ...disksMethods, ...datasetsMethods };
