import { z } from "zod";
import { parseGoDuration, type Duration } from "../../core/duration.ts";

/** Shapes of Vault's and OpenBao's answers; keys that nobody reads are left out and may be anything. */

const index = z.int().nonnegative();
const timestamp = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text) / 1000);
const goDuration = z.string().transform((text, context): Duration => {
  const duration = parseGoDuration(text);
  if (duration !== undefined) return duration;
  context.addIssue({ code: "custom", message: "expected a duration such as 516.4ms" });
  return z.NEVER;
});

/** `sys/health`. */
export const healthShape = z.object({
  initialized: z.boolean(),
  sealed: z.boolean(),
  standby: z.boolean(),
  server_time_utc: z.int().optional(),
  version: z.string().optional(),
  cluster_name: z.string().optional(),
  cluster_id: z.string().optional(),
  license: z.object({ expiry_time: z.string().optional() }).nullish(),
});

/** `sys/seal-status`. */
export const sealStatusShape = z.object({
  type: z.string(),
  storage_type: z.string().optional(),
  version: z.string().optional(),
  t: z.int(),
  n: z.int(),
  progress: z.int(),
  migration: z.boolean().optional(),
});

/** `sys/leader`. */
export const leaderShape = z.object({
  ha_enabled: z.boolean(),
  is_self: z.boolean().optional(),
  leader_address: z.string().optional(),
  active_time: timestamp.optional(),
  raft_committed_index: index.optional(),
  raft_applied_index: index.optional(),
});

const haNode = z.object({
  api_address: z.string(),
  cluster_address: z.string().optional(),
  active_node: z.boolean(),
  last_echo: timestamp.nullish(),
  clock_skew_ms: z.number().nullish(),
  echo_duration_ms: z.number().nullish(),
});

/** `sys/ha-status`; its list is at the top, under `data`, or under `Nodes` in the documentation. */
export const haStatusShape = z
  .union([
    z.object({ data: z.object({ nodes: z.array(haNode) }) }).transform(({ data }) => data.nodes),
    z.object({ nodes: z.array(haNode) }).transform(({ nodes }) => nodes),
    z.object({ Nodes: z.array(haNode) }).transform(({ Nodes }) => Nodes),
  ])
  .describe("a list of nodes");

/** `sys/storage/raft/configuration`. */
export const raftConfigurationShape = z
  .object({
    data: z.object({
      config: z.object({
        servers: z.array(
          z.object({ node_id: z.string(), address: z.string(), leader: z.boolean(), voter: z.boolean() }),
        ),
      }),
    }),
  })
  .transform(({ data }) => data.config.servers);

/** `sys/storage/raft/autopilot/state`. */
export const autopilotStateShape = z
  .object({
    data: z.object({
      healthy: z.boolean(),
      failure_tolerance: z.int(),
      servers: z
        .record(
          z.string(),
          z.object({ healthy: z.boolean(), last_contact: goDuration.optional(), last_index: index.optional() }),
        )
        .nullish(),
    }),
  })
  .transform(({ data }) => data);

/** `sys/storage/raft/autopilot/configuration`. */
export const autopilotConfigurationShape = z
  .object({ data: z.object({ last_contact_threshold: goDuration, max_trailing_logs: index }) })
  .transform(({ data }) => data);

/** `sys/audit`: audit devices by path. */
export const auditShape = z
  .object({ data: z.record(z.string(), z.object({ type: z.string() })).nullable() })
  .transform(({ data }) => data ?? {});

/** `sys/leases/count?type=irrevocable`. */
export const leaseCountShape = z
  .object({ data: z.object({ lease_count: z.int() }) })
  .transform(({ data }) => data.lease_count);
