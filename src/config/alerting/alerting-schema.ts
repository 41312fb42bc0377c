import { z } from "zod";
import type { AlertingConfig } from "../../core/alerting-config.ts";
import { durationField, secretPair } from "../../core/config-fields.ts";
import { days, hours, seconds } from "../../core/duration.ts";
import type { Destination, NotifierKind } from "../../core/notifier.ts";
import { crossFaults } from "./cross-checks.ts";
import { timeIntervalSchema } from "./interval-schema.ts";
import { buildRoute, routeSchema } from "./route-schema.ts";
import { sourceSchema } from "./source-schema.ts";

/** One entry of `destinations`: the form depends on its `type`. */
function destinationSchema(notifiers: readonly NotifierKind[]): z.ZodType<Destination> {
  const forms = notifiers.map(({ destination }) => destination);
  // each form is a mapping whose `type` is a constant, which the type of a table of them does not tell
  return z.discriminatedUnion("type", forms as unknown as [z.ZodType<Destination> & z.core.$ZodTypeDiscriminable]);
}

const stormSchema = z
  .strictObject({
    new_per_minute: z
      .int()
      .min(1)
      .max(10_000)
      .default(30)
      .describe(
        "New conversations of one destination in a minute, above which they are summed up; critical ones never are.",
      ),
  })
  .transform(({ new_per_minute }) => ({ newPerMinute: new_per_minute }));

const ping = secretPair("url", "URL that is fetched; it is a secret, because whoever knows it can feign life.");

const deadManSchema = ping
  .exactlyOne(
    z.strictObject({
      ...ping.fields,
      every: durationField(seconds(10), days(1)).prefault("1m").describe("How often."),
    }),
  )
  .superRefine(({ url }, context) => {
    if (url === undefined || /^https?:\/\/[^/\s]/.test(url.reveal())) return;
    context.addIssue({ code: "custom", path: ["url"], message: "write a URL that starts with http:// or https://" });
  })
  .transform((config) => ({ url: ping.source(config), every: config.every }));

const retentionSchema = z.strictObject({
  groups: durationField(days(1), days(3_650)).prefault("30d").describe("Groups that are closed and delivered."),
  journal: durationField(hours(1), days(3_650)).prefault("7d").describe("Notifications as they arrived, and attempts."),
});

/** The section `alerting`. */
export function alertingSchema(notifiers: readonly NotifierKind[]) {
  return z
    .strictObject({
      sources: z
        .array(sourceSchema)
        .min(1)
        .describe("Who may send alerts: one entry for each Alertmanager or Grafana."),
      destinations: z.array(destinationSchema(notifiers)).min(1).describe("Where alerts are told."),
      route: routeSchema.describe("The root of the routes: which alert is told where, and when."),
      time_intervals: z
        .array(timeIntervalSchema)
        .prefault([])
        .describe("Intervals of time for routes, in Alertmanager's form."),
      storm: stormSchema.prefault({}).describe("When so much begins at once that it is summed up."),
      fallback: z
        .array(z.string())
        .default([])
        .describe("Names of destinations that are told when a message could not be delivered elsewhere."),
      dead_man: deadManSchema
        .optional()
        .describe(
          "Where to show that deliveries work, such as a check of healthchecks.io that alerts when this stops.",
        ),
      retention: retentionSchema.prefault({}).describe("How long what is over is kept."),
    })
    .superRefine(
      (section: unknown, context) => {
        for (const { path, message } of crossFaults(section))
          context.addIssue({ code: "custom", path: [...path], message });
      },
      // a fault elsewhere does not hide these
      { when: () => true },
    )
    .transform(({ time_intervals, dead_man, route, ...section }): AlertingConfig => ({
      ...section,
      route: buildRoute(route),
      timeIntervals: time_intervals,
      deadMan: dead_man,
    }));
}
