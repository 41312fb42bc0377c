import { z } from "zod";
import { minutes, seconds } from "../../../core/duration.ts";
import { NoData } from "../../../core/errors.ts";
import type { CollectContext, Part } from "../../../core/pack.ts";
import type { ProxmoxClient } from "../client.ts";
import { quorum } from "../metrics/cluster.ts";
import { looseNumber, looseText, rows } from "../../../lib/answers/loose-shapes.ts";
import { type ClusterStatus } from "../schema.ts";
import { countVotes } from "../quorum/votes.ts";

const votersShape = rows(
  z.object({ name: z.string().optional(), node: z.string().optional(), quorum_votes: looseNumber }),
);
const deviceShape = z.object({
  State: looseText,
  Model: looseText,
  Algorithm: looseText,
  "QNetd host": looseText,
  "Tie-breaker": looseText,
});

type Device = z.output<typeof deviceShape>;

/** What one version of the cluster's configuration says. */
interface Configuration {
  readonly version: string | undefined;
  readonly votes: ReadonlyMap<string, number>;
  /** As it was last seen. */
  device: Device | undefined;
  /** When it was last asked for, by `performance.now()`. */
  askedAt: number;
}

/** How long a device that is not there needs not be asked for, unless the configuration changes. */
const ASK_AGAIN = minutes(5);

/** The configuration changes when its version does, so it is not read again before. */
const known = new WeakMap<ProxmoxClient, Configuration>();

/** `/cluster/config/nodes` and `/cluster/config/qdevice`, beside the nodes of `/cluster/status`. */
export const quorumPart: Part<ProxmoxClient> = {
  id: "quorum",
  title: "Votes and quorum device",
  every: seconds(60),
  deadline: seconds(30),
  metrics: quorum,
  async collect(client, context) {
    const { status } = await client.inventory(context.signal);
    if (status.cluster === undefined) throw new NoData("a standalone host needs no quorum");
    const configuration = await readConfiguration(client, status, context.signal);
    const device = await readDevice(client, configuration, context.signal);
    recordDevice(`cluster/${status.cluster.name}`, device, context);
    recordVotes(status, configuration.votes, device, context);
  },
};

async function readConfiguration(
  client: ProxmoxClient,
  { cluster }: ClusterStatus,
  signal: AbortSignal,
): Promise<Configuration> {
  const version = cluster?.version;
  const last = known.get(client);
  if (last !== undefined && version !== undefined && last.version === version) return last;
  const voters = await client.askCluster("cluster/config/nodes", votersShape, signal);
  const votes = new Map(voters.map(({ name, node, quorum_votes }) => [name ?? node ?? "", quorum_votes ?? 1]));
  const configuration = { version, votes, device: undefined, askedAt: Number.NEGATIVE_INFINITY };
  known.set(client, configuration);
  return configuration;
}

/** The device, or undefined without one. The answer is as empty when its daemon is down on the node that answers. */
async function readDevice(
  client: ProxmoxClient,
  configuration: Configuration,
  signal: AbortSignal,
): Promise<Device | undefined> {
  const { device, askedAt } = configuration;
  if (device === undefined && performance.now() - askedAt < ASK_AGAIN) return undefined;
  const found = await client.askCluster("cluster/config/qdevice", deviceShape, signal);
  configuration.askedAt = performance.now();
  if (found.State === undefined) return device && { ...device, State: "" };
  configuration.device = found;
  return found;
}

function recordDevice(id: string, device: Device | undefined, context: CollectContext): void {
  if (device === undefined) return;
  const { State: state = "", Model: model = "", Algorithm: algorithm = "" } = device;
  const labels = { id, model, algorithm, state };
  const { "QNetd host": qnetd_host = "", "Tie-breaker": tie_breaker = "" } = device;
  context.record(quorum.qdeviceUp, { id }, isConnected(device));
  context.record(quorum.qdeviceInfo, { ...labels, qnetd_host, tie_breaker }, 1);
}

function recordVotes(
  { cluster, nodes }: ClusterStatus,
  votes: ReadonlyMap<string, number>,
  device: Device | undefined,
  context: CollectContext,
): void {
  const of = (name: string): number => votes.get(name) ?? 1;
  const count = countVotes({
    all: nodes.map(({ name }) => of(name)),
    online: nodes.filter(({ online }) => online === true).map(({ name }) => of(name)),
    device: device && { algorithm: device.Algorithm ?? "", isConnected: isConnected(device) },
  });
  const isEveryNodeKnown = nodes.every(({ online }) => online !== undefined);
  context.record(quorum.votes, {}, isEveryNodeKnown ? count.present : undefined);
  context.record(quorum.expectedVotes, {}, count.expected);
  context.record(quorum.tolerance, {}, isEveryNodeKnown && cluster?.quorate === true ? count.tolerance : undefined);
}

const isConnected = ({ State: state = "" }: Device): boolean => state === "Connected";
