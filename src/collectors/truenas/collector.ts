import { defineCollector, type Collector } from "../../core/pack.ts";
import type { RpcPace } from "../../lib/json-rpc/contract.ts";
import { checkTrueNas } from "./check.ts";
import type { TrueNasClient } from "./client.ts";
import { trueNasConfig, type TrueNasConfig } from "./config.ts";
import { appsPart } from "./parts/apps.ts";
import { certificatesPart } from "./parts/certificates.ts";
import { datasetsPart } from "./parts/datasets.ts";
import { disksPart } from "./parts/disks.ts";
import { nativeAlertsPart } from "./parts/native-alerts.ts";
import { poolsPart } from "./parts/pools.ts";
import { realtimePart } from "./parts/realtime.ts";
import { snapshotsPart } from "./parts/snapshots.ts";
import { systemPart } from "./parts/system.ts";
import { tasksPart } from "./parts/tasks.ts";
import { updatesPart } from "./parts/updates.ts";
import { upsPart } from "./parts/ups.ts";

/** Reads TrueNAS servers; `pace` is how often sockets may be opened, for tests. */
export const createTrueNasCollector = (pace?: Partial<RpcPace>): Collector =>
  defineCollector<TrueNasConfig, TrueNasClient>({
    id: "truenas",
    title: "TrueNAS",
    config: trueNasConfig,
    parts: [
      systemPart,
      poolsPart,
      disksPart,
      datasetsPart,
      snapshotsPart,
      tasksPart,
      nativeAlertsPart,
      appsPart,
      realtimePart,
      upsPart,
      updatesPart,
      certificatesPart,
    ],
    // the WebSocket client is loaded by those who have a NAS
    connect: async (config) => (await import("./session/connect.ts")).createTrueNasClient(config, pace),
    disconnect: (client) => client.close(),
    check: checkTrueNas,
  });

/** Reads a TrueNAS server. */
export const trueNasCollector = createTrueNasCollector();
