import { FixedOffsetZone, IANAZone, type Zone } from "luxon";
import { z } from "zod";
import { hours } from "../../core/duration.ts";
import type { ProxmoxClient } from "./client.ts";
import { looseNumber, looseText } from "../../lib/answers/loose-shapes.ts";

const timeShape = z.object({ timezone: looseText, time: looseNumber, localtime: looseNumber });

/**
 * A node's time as `/nodes/{node}/time` tells it: `time` in Unix seconds, `localtime` the same clock's local reading.
 */
type NodeTime = z.output<typeof timeShape>;

/** Hardly any node ever moves to another zone. */
const ZONE_AGE = hours(6);

interface KnownZone {
  readonly at: number;
  readonly zone: Zone | undefined;
}

const known = new WeakMap<ProxmoxClient, Map<string, KnownZone>>();

/** The zone of a node's clock, asked every six hours; undefined when the node does not say. Throws `CollectError`. */
export async function nodeZone(client: ProxmoxClient, node: string, signal: AbortSignal): Promise<Zone | undefined> {
  const zones = known.get(client) ?? new Map<string, KnownZone>();
  known.set(client, zones);
  const found = zones.get(node);
  if (found !== undefined && performance.now() - found.at < ZONE_AGE) return found.zone;
  const zone = zoneOf(await client.askNode(node, "time", timeShape, signal));
  zones.set(node, { at: performance.now(), zone });
  return zone;
}

/** The named zone, which knows of summer time, unless the clock contradicts it: then the clock's own offset. */
export function zoneOf({ timezone, time, localtime }: NodeTime): Zone | undefined {
  const named = timezone !== undefined && IANAZone.isValidZone(timezone) ? IANAZone.create(timezone) : undefined;
  if (time === undefined || localtime === undefined) return named;
  const offset = Math.round((localtime - time) / 60);
  return named?.offset(time * 1000) === offset ? named : FixedOffsetZone.instance(offset);
}
