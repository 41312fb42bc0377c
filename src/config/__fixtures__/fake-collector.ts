import { z } from "zod";
import { durationField, fileField, secretPair, targetFields, tlsFields, urlField } from "../../core/config-fields.ts";
import { minutes, seconds } from "../../core/duration.ts";
import { defineCollector, type Collector } from "../../core/pack.ts";

/** The two secrets of the fake collector; `source` of each reads the parsed configuration. */
export const token = secretPair("token", "Token that may read `sys/health`.");
export const secretId = secretPair("secret_id", "The secret half of the AppRole.");

const auth = z.discriminatedUnion("method", [
  token.exactlyOne(z.strictObject({ method: z.literal("token"), ...token.fields })),
  secretId.exactlyOne(
    z.strictObject({
      method: z.literal("approle"),
      role_id: z.string().min(1).describe("The public half of the AppRole."),
      ...secretId.fields,
      mount: z.string().default("approle").describe("Path of the auth method."),
    }),
  ),
]);

/** Every form of field that a pack may have. */
const safeConfig = z.strictObject({
  ...targetFields,
  ...tlsFields,
  nodes: z
    .array(
      z.strictObject({
        url: urlField().describe("URL of the node."),
        weight: z.int().min(0).default(1).describe("Share of the requests."),
      }),
    )
    .min(1)
    .describe("The nodes of the cluster."),
  auth: auth.describe("How Watchkeeper logs in."),
  every: durationField(seconds(5), minutes(60)).prefault("30s").describe("Interval of the polls."),
  verify: z.boolean().default(true).describe("Whether certificates are verified."),
  scrape: z
    .union([z.literal("all"), z.array(z.string())])
    .optional()
    .describe("Mounts that are read."),
  audit_file: fileField().optional().describe("Audit log to follow."),
});

const noClient = async (): Promise<void> => undefined;

/** Two collectors that poll nothing: one with many settings, one with the least. */
export const fakeCollectors: readonly Collector[] = [
  defineCollector({
    id: "safe",
    title: "Clusters that keep secrets",
    config: safeConfig,
    parts: [],
    connect: noClient,
    disconnect: noClient,
    check: async () => [],
  }),
  defineCollector({
    id: "plain",
    title: "Plain things",
    config: z.strictObject({ ...targetFields, url: urlField().describe("URL of the thing.") }),
    parts: [],
    connect: noClient,
    disconnect: noClient,
    check: async () => [],
  }),
];
