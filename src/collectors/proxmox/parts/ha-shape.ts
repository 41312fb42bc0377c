import { z } from "zod";
import { looseNumber, looseText, rows } from "../../../lib/answers/loose-shapes.ts";

const lrm = z.object({ state: looseText, timestamp: looseNumber });

/**
 * `/cluster/ha/status/manager_status`, which the API declares as any object. Source: pve-ha-manager,
 * PVE::API2::HA::Status.
 */
export const managerStatusShape = z.object({
  manager_status: z
    .object({
      master_node: looseText,
      timestamp: looseNumber,
      node_status: z.record(z.string(), looseText).nullish(),
    })
    .nullish(),
  lrm_status: z.record(z.string(), lrm.nullish().catch(undefined)).nullish(),
});

/** {@link managerStatusShape}, parsed. */
export type ManagerStatus = z.output<typeof managerStatusShape>;

/** Rows of `/cluster/ha/status/current`: only what the other one lacks, since the texts for people vary by release. */
export const currentShape = rows(
  z.object({
    type: z.string(),
    sid: looseText,
    crm_state: looseText,
    request_state: looseText,
    "armed-state": looseText,
  }),
);

/** One row of {@link currentShape}. */
export type CurrentRow = z.output<typeof currentShape>[number];
