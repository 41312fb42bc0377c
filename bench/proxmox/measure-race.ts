import { startPveExporter, type PveExporter } from "../../test/helpers/pve-exporter.ts";
import { quantile } from "../intake/load.ts";
import { report, round, type Measured, type Report } from "../report.ts";
import type { Service } from "../service.ts";
import { cpuSecondsOf, residentMemory, sharedMemory } from "../usage.ts";
import type { ClusterSize, LabProcess } from "./lab-process.ts";
import { race, SCRAPES_PER_MINUTE, type Scrapes } from "./race.ts";
import { startLimit, type Limit } from "./limit-process.ts";
import { openTarget, startClusterService } from "./service.ts";
import { loadOfSlowParts, type Load } from "./slow-parts.ts";

/** What is to be measured. */
export interface RaceOptions {
  readonly size: ClusterSize;
  /** The path of the program `pve_exporter`. */
  readonly command: string;
  readonly forMs: number;
  /** Names of the figures that are lasting ones of this race. */
  readonly figures: Readonly<Partial<Record<"speedup" | "calls" | "callsRatio" | "cpu" | "memory", string>>>;
}

/** What one contender took. */
interface Taken extends Scrapes {
  readonly load: Load;
}

/**
 * Has both scraped for a while. The other exporter is asked in the way that is cheapest for it: one node, whose answer
 * holds the cluster and that node's own. Our parts that are polled less often than the race lasts did their first poll
 * before it; what they take is added at their own pace.
 */
export async function measureRace(lab: LabProcess, options: RaceOptions): Promise<Report> {
  const slow = await slowLoad(lab, options.forMs);
  const { id: tokenId, secret: tokenSecret } = lab.tokens.theirs;
  const exporter = await startPveExporter({ command: options.command, caPem: lab.caPem, tokenId, tokenSecret });
  const service = await startClusterService(lab, lab.tokens.ours);
  const limit = await startLimit(`${service.url}/metrics`);
  try {
    const { ours, theirs, bare } = await takeTurns(lab, { service, exporter, limit, forMs: options.forMs });
    const whole = (await callsForAllNodes(lab, exporter)) * SCRAPES_PER_MINUTE;
    const { calls, cpuSeconds } = ours.load;
    const load = { calls: calls + slow.calls, cpuSeconds: cpuSeconds + slow.cpuSeconds };
    return reportOf(options, { ours: { ...ours, load }, theirs, bare }, whole);
  } finally {
    await Promise.all([service.stop(), exporter.stop(), limit.stop()]);
  }
}

async function slowLoad(lab: LabProcess, windowMs: number): Promise<Load> {
  const { account } = lab.tokens;
  const target = await openTarget(lab, account);
  try {
    return await loadOfSlowParts(target, windowMs, () => lab.calls(account.id));
  } finally {
    await target.close();
  }
}

const hostOf = ({ url }: LabProcess["nodes"][number]): string => new URL(url).host;

async function takeTurns(
  lab: LabProcess,
  { service, exporter, limit, forMs }: { service: Service; exporter: PveExporter; limit: Limit; forMs: number },
): Promise<Readonly<Record<"ours" | "theirs", Taken>> & { readonly bare: Scrapes }> {
  const { ours, theirs } = lab.tokens;
  const [asked] = lab.nodes.map(hostOf);
  const used = async (): Promise<Readonly<Record<"ours" | "theirs", Load>>> => ({
    ours: { calls: await lab.calls(ours.id), cpuSeconds: cpuSecondsOf(service.pid) },
    theirs: { calls: await lab.calls(theirs.id), cpuSeconds: cpuSecondsOf(exporter.pid) },
  });
  let before = await used();
  const scrapes = await race(
    {
      ours: {
        url: `${service.url}/metrics`,
        memory: () => residentMemory(service.pid),
        keepsConnection: 60_000,
        warmUp: 150,
      },
      theirs: {
        url: exporter.urlOf({ target: asked ?? "", cluster: true, node: true }),
        memory: () => sharedMemory(exporter.pid),
        // less than the two seconds after which it closes the connection
        keepsConnection: 1_000,
        warmUp: 3,
      },
      bare: { url: limit.url, memory: () => Number.NaN, keepsConnection: 60_000, warmUp: 150 },
    },
    {
      forMs,
      begin: async () => {
        before = await used();
      },
    },
  );
  const after = await used();
  const minutes = forMs / 60_000;
  const loadOf = (name: "ours" | "theirs"): Load => ({
    calls: (after[name].calls - before[name].calls) / minutes,
    cpuSeconds: (after[name].cpuSeconds - before[name].cpuSeconds) / minutes,
  });
  return {
    ours: { ...scrapes.ours, load: loadOf("ours") },
    theirs: { ...scrapes.theirs, load: loadOf("theirs") },
    bare: scrapes.bare,
  };
}

/** Calls of one round in which the other exporter reads every node's own too, as we do. */
async function callsForAllNodes(lab: LabProcess, exporter: PveExporter): Promise<number> {
  const before = await lab.calls(lab.tokens.theirs.id);
  for (const [i, node] of lab.nodes.entries()) {
    await exporter.scrape({ target: hostOf(node), cluster: i === 0, node: true });
  }
  return (await lab.calls(lab.tokens.theirs.id)) - before;
}

interface Raced {
  readonly ours: Taken;
  readonly theirs: Taken;
  /** The same bytes as ours from one buffer. */
  readonly bare: Scrapes;
}

function reportOf({ size, forMs, figures }: RaceOptions, { ours, theirs, bare }: Raced, callsForAll: number): Report {
  const { calls, cpuSeconds } = ours.load;
  const row = (what: string, unit: string, value: number, other: number, figure?: string): Measured => ({
    what: `  ${what}`,
    unit,
    ours: value,
    against: peer(other),
    ratio: { of: "ours / theirs", ...named(figure) },
  });
  const scrape = (what: string, share: number, figure?: string): Measured => ({
    ...row(what, "ms", at(ours, share), at(theirs, share)),
    ratio: { of: "theirs / ours", ...named(figure) },
  });
  return report([
    {
      what: `series of ${size.nodes} nodes with ${size.guests} guests`,
      unit: "",
      ours: seriesOf(ours.text),
      against: peer(seriesOf(theirs.text)),
      note: `theirs is asked for one node; two Prometheus at 15 s for ${round(forMs / 60_000)} min`,
    },
    scrape(`scrape, p50 of ${ours.times.length}`, 0.5, figures.speedup),
    {
      ...row("the same bytes from one buffer, p50", "ms", at(ours, 0.5), at(bare, 0.5)),
      against: { name: "one buffer", value: at(bare, 0.5) },
    },
    scrape("scrape, p99, here the worst", 0.99),
    {
      ...row("calls of the API", "a minute", calls, theirs.load.calls, figures.callsRatio),
      ...named(figures.calls),
    },
    row("calls when theirs is asked for every node", "a minute", calls, callsForAll),
    row("computing", "s a minute", cpuSeconds, theirs.load.cpuSeconds, figures.cpu),
    row("most resident memory", "MB", ours.memory / 1e6, theirs.memory / 1e6, figures.memory),
  ]);
}

const peer = (value: number): Measured["against"] => ({ name: "pve_exporter", value });
const named = (figure: string | undefined): { readonly figure?: string } => (figure === undefined ? {} : { figure });

const at = ({ times }: Scrapes, share: number): number =>
  quantile(
    times.toSorted((a, b) => a - b),
    share,
  );

const seriesOf = (text: string): number => text.split("\n").filter((line) => line.startsWith("pve_")).length;
