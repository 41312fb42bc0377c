import { z } from "zod";

/**
 * The parts of Alertmanager's API v2 that repair needs; everything else in an answer is passed over, and what only
 * newer versions tell may be missing. Source: https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml
 */
const texts = z.record(z.string(), z.string());
const names = z
  .array(z.string())
  .nullish()
  .transform((list) => list ?? []);
const moment = z
  .string()
  .transform((text) => Date.parse(text))
  .refine((time) => !Number.isNaN(time), "is no date");

const alertShape = z.object({
  fingerprint: z.string(),
  labels: texts,
  startsAt: moment,
  status: z.object({
    /** `unprocessed`, `active` or `suppressed`. */
    state: z.string(),
    silencedBy: names,
    inhibitedBy: names,
    /** Names of time intervals; since 0.28, and told of groups only. */
    mutedBy: names,
  }),
});

/** One alert of `/alerts` or `/alerts/groups`; neither lists one that is over. */
export type AlertmanagerAlert = z.output<typeof alertShape>;

/** `GET /api/v2/alerts`. */
export const alertsShape = z.array(alertShape);

/** `GET /api/v2/alerts/groups`: an alert is in one group of each route that it took. */
export const groupsShape = z.array(
  z.object({ labels: texts, receiver: z.object({ name: z.string() }), alerts: z.array(alertShape) }),
);

/** One group of `/alerts/groups`. */
export type AlertmanagerGroup = z.output<typeof groupsShape>[number];

/** `GET /api/v2/silences`. */
export const silencesShape = z.array(
  z.object({ id: z.string(), comment: z.string().default(""), createdBy: z.string().default(""), endsAt: moment }),
);

/** One silence, ended ones included; `endsAt` in Unix milliseconds. */
export type Silence = z.output<typeof silencesShape>[number];

/** `GET /api/v2/status`. `uptime` is when it was started, and `original` its configuration in YAML without secrets. */
export const statusShape = z.object({ uptime: moment, config: z.object({ original: z.string() }) });
