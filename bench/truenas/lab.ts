// Started by lab-process.ts as a process of its own: an emulated server, so that its computing is nobody else's.
import { startTrueNasLab } from "../../src/lab/truenas/truenas-lab.ts";
import { realtimeFields } from "../../src/lab/truenas/methods/realtime.ts";
import { destroySnapshots, takeSnapshot } from "../../src/lab/truenas/model/snapshots.ts";
import type { TrueNasRelease } from "../../src/lab/truenas/contract.ts";

/** What the parent is told once the server runs. */
export interface LabDescription {
  readonly url: string;
  readonly caPem: string;
  readonly username: string;
  readonly apiKey: string;
  /** All that there are, those of the story included. */
  readonly datasets: number;
  readonly snapshots: number;
}

/** What the parent may ask; the answer is the bytes of messages so far, both ways. */
export type LabQuestion =
  | { readonly ask: "bytes" }
  /** Time goes by, and the server tells of a change in whatever a client may keep until then. */
  | { readonly ask: "pass"; readonly ms: number }
  /** A task takes a snapshot of each bulk dataset, and destroys the oldest. */
  | { readonly ask: "snapshots" };

const [release = "", datasets = "", snapshotsPerDataset = ""] = process.argv.slice(2);
let ahead = 0;
const lab = await startTrueNasLab({
  release: release as TrueNasRelease,
  datasets: Number(datasets),
  snapshotsPerDataset: Number(snapshotsPerDataset),
  now: () => Date.now() + ahead,
});
const { storage, tasks, system } = lab.state;
const bulk = [...tasks.snapshots.keys()].filter((dataset) => dataset.startsWith("tank/bulk/"));

function pass(ms: number): void {
  ahead += ms;
  for (const event of ["alert.list", "app.query"]) lab.emit(event, { msg: "changed", id: "bench", fields: {} });
  const fields = realtimeFields(system, lab.release);
  lab.emit('reporting.realtime:{"interval":5}', { msg: "added", fields });
}

function takeSnapshots(): void {
  const at = lab.now();
  takeSnapshot(tasks.snapshots, bulk, `auto-${new Date(at * 1000).toISOString().slice(0, 16)}`, at);
  for (const dataset of bulk) destroySnapshots(tasks.snapshots, dataset, (_, index) => index === 0);
}

process.on("message", (question: LabQuestion) => {
  if (question.ask === "pass") pass(question.ms);
  if (question.ask === "snapshots") takeSnapshots();
  process.send?.(lab.stats.bytesSent + lab.stats.bytesReceived);
});
process.on("disconnect", () => process.exit());
process.send?.({
  url: lab.url,
  caPem: lab.caPem,
  username: lab.username,
  apiKey: lab.apiKey,
  datasets: storage.datasets.length,
  snapshots: [...tasks.snapshots.values()].reduce((sum, { length }) => sum + length, 0),
} satisfies LabDescription);
