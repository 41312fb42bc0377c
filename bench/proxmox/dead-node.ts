import { Agent } from "undici";
import { readExposition } from "../../test/helpers/read-exposition.ts";
import { startPveExporter } from "../../test/helpers/pve-exporter.ts";
import { report, type Report } from "../report.ts";
import type { LabProcess } from "./lab-process.ts";
import { scrape } from "./race.ts";
import { startClusterService } from "./service.ts";

/** A series: its name with its labels. */
interface Series {
  readonly text: string;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * Kills the node that is asked first, and counts what remains of the series of the others and of the whole cluster. Our
 * service is started anew with the node dead, so that it remembers nothing.
 */
export async function measureDeadNode(lab: LabProcess, command: string): Promise<Report> {
  const [dead] = lab.nodes;
  if (dead === undefined) throw new RangeError("the emulated cluster has no nodes");
  const { id: tokenId, secret: tokenSecret } = lab.tokens.theirs;
  const exporter = await startPveExporter({ command, caPem: lab.caPem, tokenId, tokenSecret });
  try {
    const url = exporter.urlOf({ target: new URL(dead.url).host, cluster: true, node: true });
    const ours = [await seriesOfService(lab)];
    const theirs = [await seriesAt(url)];
    await lab.kill(dead.name);
    ours.push(await seriesOfService(lab));
    theirs.push(await seriesAt(url).catch(noneIfRefused));
    return reportOf(share(dead.name, ours), share(dead.name, theirs));
  } finally {
    await exporter.stop();
  }
}

// rounded down, so that one series of many thousand that is missing is seen
const exact = (share: number): number => Math.floor(share * 1e3) / 1e3;

const reportOf = (ours: number, theirs: number): Report =>
  report([
    {
      what: "the asked node dies: share of the series of the others and the cluster that still come",
      unit: "",
      ours: exact(ours),
      against: { name: "pve_exporter", value: exact(theirs) },
      moreIsBetter: true,
      figure: "live_series_share_one_node_dead",
    },
  ]);

function noneIfRefused(thrown: unknown): readonly Series[] {
  if (thrown instanceof Error && thrown.message.endsWith("was answered 500")) return [];
  throw thrown;
}

async function seriesOfService(lab: LabProcess): Promise<readonly Series[]> {
  const service = await startClusterService(lab, lab.tokens.ours);
  try {
    return await seriesAt(`${service.url}/metrics`);
  } finally {
    await service.stop();
  }
}

async function seriesAt(url: string): Promise<readonly Series[]> {
  const agent = new Agent();
  try {
    const { text } = await scrape(agent, url);
    const families = readExposition(text, text.endsWith("# EOF\n") ? "openmetrics" : "text");
    return families
      .flatMap(({ samples }) => samples)
      .filter(({ name }) => name.startsWith("pve_"))
      .map(({ name, labels }) => ({ text: `${name}${JSON.stringify(labels)}`, labels: Object.fromEntries(labels) }));
  } finally {
    await agent.close();
  }
}

/** The share of the series without those of the node and its guests that is in the second list too. */
function share(dead: string, [before = [], after = []]: readonly (readonly Series[])[]): number {
  const gone = new Set(
    before.flatMap(({ labels: { node, id } }) => (node === dead && id !== undefined ? [guestOf(id)] : [])),
  );
  const isOfDead = ({ labels: { node, id } }: Series): boolean =>
    node === dead || id === `node/${dead}` || (id !== undefined && gone.has(guestOf(id)));
  const living = before.filter((series) => !isOfDead(series));
  const still = new Set(after.map(({ text }) => text));
  return living.filter(({ text }) => still.has(text)).length / living.length;
}

/** The guest or storage of an id; that of a replication job is the guest's number, a dash, and the job's. */
const guestOf = (id: string): string => /^(\d+)-\d+$/.exec(id)?.[1] ?? id.replace(/^(?:qemu|lxc)\//, "");
