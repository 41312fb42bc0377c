import { z } from "zod";
import { secretPair, targetFields, tlsFields, urlField } from "../../core/config-fields.ts";

/** The token's secret: hand `source` of a target's configuration to `readSecret`. */
export const tokenSecretPair = secretPair("token_secret", "Secret of the API token, the UUID that was shown once.");

/** One Proxmox VE cluster, or one standalone host, of the configuration. */
export const proxmoxConfig = tokenSecretPair.exactlyOne(
  z
    .strictObject({
      ...targetFields,
      concurrency: z
        .int()
        .min(1)
        .max(64)
        .default(32)
        .describe(
          "How many parts of this target are polled at once: by default all, so that none waits for one that hangs. Whatever this is, no node gets more than three calls at once.",
        ),
      nodes: z
        .array(
          urlField(["https"]).refine(
            (url) => new URL(url).pathname === "/",
            "write the server alone, without a path: https://pve1.example.org:8006",
          ),
        )
        .min(1, "must list at least one node")
        .refine((urls) => new Set(urls).size === urls.length, "must not list a node twice")
        .describe(
          "URLs of nodes of the cluster, such as https://pve1.example.org:8006. One answers for all; list more of them, and the next is asked when one is down.",
        ),
      ...tlsFields,
      token_id: z
        .string()
        .regex(
          /^[^\s!@=:]+@[^\s!@=:]+![A-Za-z][A-Za-z0-9._-]*$/,
          "write USER@REALM!NAME, such as watchkeeper@pve!metrics",
        )
        .describe("Name of the API token: USER@REALM!NAME."),
      ...tokenSecretPair.fields,
      smart: z
        .boolean()
        .default(false)
        .describe(
          "Whether disks are asked for health and wear by SMART. This wakes disks that sleep, so it is off unless wanted.",
        ),
    })
    .refine(({ fingerprint, nodes }) => fingerprint === undefined || nodes.length === 1, {
      path: ["fingerprint"],
      message:
        "fits one server, and each node has a certificate of its own: list one node, or use ca_file with the cluster's /etc/pve/pve-root-ca.pem",
    }),
);

/** {@link proxmoxConfig}, parsed. */
export type ProxmoxConfig = z.output<typeof proxmoxConfig>;
