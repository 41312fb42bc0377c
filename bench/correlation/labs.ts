import { minutes } from "../../src/core/duration.ts";
import { startChild } from "../child.ts";
import type { LabDescription } from "./lab.ts";

/** Stand-ins with one incident, each in a process of its own. */
export interface Labs {
  readonly elasticsearch: LabDescription;
  readonly tempo: LabDescription;
  readonly prometheus: LabDescription;
  stop(): Promise<void>;
}

interface Lab {
  readonly description: LabDescription;
  stop(): Promise<void>;
}

/** Starts them, filled. */
export async function startLabs(): Promise<Labs> {
  const faultAt = Date.now() - minutes(20);
  const [elasticsearch, tempo, prometheus] = await Promise.all([
    startLab("elasticsearch", faultAt),
    startLab("tempo", faultAt),
    startLab("prometheus", faultAt),
  ]);
  return {
    elasticsearch: elasticsearch.description,
    tempo: tempo.description,
    prometheus: prometheus.description,
    stop: async () => {
      await Promise.all([elasticsearch, tempo, prometheus].map((lab) => lab.stop()));
    },
  };
}

async function startLab(name: string, faultAt: number): Promise<Lab> {
  const child = startChild(`the stand-in ${name}`, new URL("lab.ts", import.meta.url), [name, String(faultAt)]);
  return { description: (await child.next()) as LabDescription, stop: () => child.stop() };
}
