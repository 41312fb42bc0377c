import { z } from "zod";
import type { Shown } from "../board.ts";

const alert = z.looseObject({
  state: z.string(),
  summary: z.string(),
  where: z.record(z.string(), z.string()),
  startsAt: z.iso.datetime(),
});

/** What a receiver may rely on in version 1; fields that it does not know are kept. */
const document = z.looseObject({
  version: z.literal("1"),
  action: z.enum(["open", "update", "remind", "close"]),
  status: z.enum(["firing", "resolved"]),
  severity: z.enum(["critical", "error", "warning", "info"]),
  title: z.string(),
  since: z.iso.datetime(),
  until: z.iso.datetime().optional(),
  counts: z.object({ firing: z.number(), closed: z.number(), hidden: z.number() }),
  alerts: z.array(alert),
  moreAlerts: z.number(),
  links: z.looseObject({ watchkeeper: z.url() }),
  source: z.string(),
  groupKey: z.string(),
  thread: z.string(),
  revision: z.number(),
  idempotencyKey: z.string(),
});

/** A document that was posted. */
export type Document = z.output<typeof document>;

/** Reads a document; undefined when it is none of version 1. */
export const readDocument = (body: unknown): Document | undefined => document.safeParse(body).data;

/** What a person sees whom the receiver tells. */
export const shownBy = ({ action, status, severity, title, alerts, moreAlerts }: Document): Shown => ({
  title: `${status === "firing" ? severity : "resolved"}: ${title}`,
  text: [
    `action ${action}`,
    ...alerts.map(({ state, summary }) => `${state}: ${summary}`),
    ...(moreAlerts > 0 ? [`and ${moreAlerts} more`] : []),
  ].join("\n"),
  isClosed: status === "resolved",
});
