import { IANAZone } from "luxon";
import { z } from "zod";
import { days, hours, inSeconds, milliseconds, minutes, seconds } from "../../core/duration.ts";
import {
  annotationsField,
  durationIn,
  exactlyOne,
  labelNamesField,
  labelsField,
  mapping,
  nameField,
  objectiveField,
  percentField,
  promqlField,
} from "./fields.ts";

/** What the first line of a file of ours says. */
export const OWN_VERSION = "watchkeeper/v1";

const windowField = z
  .union(
    [
      durationIn(hours(1), days(366), minutes(5), '1h to 366d in steps of 5m, such as "30d"'),
      z.strictObject({
        calendar: z.enum(["week", "month", "quarter", "year"]).describe("What begins with a full budget."),
        time_zone: z
          .string()
          .refine((zone) => IANAZone.isValidZone(zone), "is no time zone: write an IANA name such as Europe/Berlin")
          .optional()
          .meta({ default: "UTC" })
          .describe("Where midnight is."),
      }),
    ],
    'write a duration such as "30d", or { calendar: month }',
  )
  .describe('Time over which the budget counts: a duration such as "30d", or `{ calendar: month }`; 30d by default.');

const selector = z
  .string()
  .regex(/^\{[^]*\}$/, 'write label matchers in braces, such as {job="api"}')
  .optional()
  .describe('Label matchers, such as `{job="api"}`.');

const metric = z.string().regex(/^[a-zA-Z_:][a-zA-Z0-9_:]*$/, "write the name of a metric");

const WINDOW_HELP = "with `$window` for its range";

const events = z
  .strictObject({
    total: promqlField().describe(`PromQL of all events, ${WINDOW_HELP}.`),
    errors: promqlField().optional().describe(`PromQL of the events that failed, ${WINDOW_HELP}.`),
    good: promqlField().optional().describe(`PromQL of the events that did not fail, ${WINDOW_HELP}.`),
  })
  .superRefine(exactlyOne(["errors", "good"], "what failed or what did not"));

const ratio = z.strictObject({
  errors: promqlField().describe(`PromQL of the share that failed, 0 to 1, ${WINDOW_HELP}.`),
});

const latency = z.strictObject({
  histogram: metric
    .refine((name) => !name.endsWith("_bucket"), "is the name of its buckets: leave off _bucket")
    .describe("Name of the histogram, without `_bucket`."),
  selector,
  threshold: z
    .union(
      [
        durationIn(milliseconds(1), days(1), milliseconds(1), "1ms to 1d").transform((length) => ({
          bound: inSeconds(length),
          isInSeconds: true,
        })),
        z
          .number()
          .positive()
          .transform((bound) => ({ bound, isInSeconds: false })),
      ],
      'write a duration such as "300ms", or a number in the unit of the histogram',
    )
    .describe(
      "What is slower failed, and a bound of one of the buckets: a duration such as `300ms` for a histogram in seconds, else a" +
        " number in its own unit.",
    ),
  native: z.boolean().optional().meta({ default: false }).describe("Whether it is a native histogram."),
});

const up = z.strictObject({
  metric: metric.describe("Name of a gauge that is 1 when all is well and 0 when not; each sample counts."),
  selector,
});

const composite = z.strictObject({
  method: z
    .enum(["occurrences", "timeslices", "ratio_timeslices", "worst"])
    .describe(
      "How the members become one. `occurrences` counts their events, each as often as its member weighs. The others count" +
        " stretches of 5 minutes: `worst` is as bad as the worst member, `ratio_timeslices` as bad as the members' shares of" +
        " failures, each times its weight, together, and in `timeslices` one is bad while any member misses its own objective.",
    ),
  of: z
    .array(
      mapping("{ slo: availability }", {
        slo: nameField().describe("Name of an SLO of this file, or the id of any."),
        weight: z
          .number()
          .positive()
          .max(1_000)
          .optional()
          .meta({ default: 1 })
          .describe("How often it counts, with `occurrences` and `ratio_timeslices`."),
      }),
    )
    .min(2)
    .max(50)
    .describe("The members."),
});

const KINDS = ["events", "ratio", "latency", "up", "composite"] as const;

const sli = z
  .strictObject({
    events: events.optional().describe("Events, and those of them that failed."),
    ratio: ratio.optional().describe("Only a ratio is known; each 5 minutes weigh the same."),
    latency: latency.optional().describe("Events of a histogram that were too slow."),
    up: up.optional().describe("A gauge that is 1 or 0."),
    composite: composite.optional().describe("Other SLOs, taken together."),
  })
  .superRefine(exactlyOne(KINDS, "what is measured"))
  .describe(`What is measured: one of ${KINDS.join(", ")}.`);

const alert = mapping("{ enabled: false }", {
  enabled: z.boolean().optional().meta({ default: true }).describe("Whether the alert is written."),
  labels: labelsField().optional().describe("Labels of the alert."),
  annotations: annotationsField().optional().describe("Annotations of the alert."),
});

const severity = z.enum(["critical", "warning", "info"]);

const below = percentField((share) => (share >= 0 && share < 1 ? undefined : "must be from 0 % to less than 100 %"));

const burnWindow = () => durationIn(minutes(5), days(90), minutes(1), "5m to 90d in whole minutes");
const holding = () => durationIn(seconds(0), days(7), seconds(1), "0s to 7d");

const tier = z
  .strictObject({
    alert: z.enum(["page", "ticket"]).describe("Which alert it raises."),
    long: burnWindow().describe("Window that tells how much was burnt."),
    short: burnWindow().optional().describe("Window that tells that it still burns; long / 12 by default."),
    factor: z.number().positive().optional().describe("How many times faster than the budget allows."),
    budget: below
      .optional()
      .describe("In place of `factor`: share of the budget burnt in the long window, such as 2%."),
    for: holding().optional().describe("How long it must hold; for a page not at all and for a ticket 15m by default."),
    keep_firing_for: holding().optional().describe("How long the alert stays after it; 15m by default."),
  })
  .superRefine(exactlyOne(["factor", "budget"], "how fast"))
  .superRefine(({ long, short }, context) => {
    if (short === undefined || short < long) return;
    context.addIssue({ code: "custom", path: ["short"], message: "must be shorter than `long`" });
  });

const alerts = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "alert names have letters, digits and underscores, and no digit first")
    .optional()
    .meta({ default: "SloBudgetBurn" })
    .describe("Name of the burn rate alerts."),
  labels: labelsField().optional().describe("Labels of page and ticket."),
  annotations: annotationsField().optional().describe("Annotations of page and ticket."),
  page: alert.optional().describe("The alert that wakes someone."),
  ticket: alert.optional().describe("The alert that can wait for the day."),
  no_data: mapping("{ enabled: false }", {
    enabled: z.boolean().optional().meta({ default: true }).describe("Whether the alert is written."),
    severity: severity.optional().meta({ default: "warning" }).describe("Its severity."),
    groups: z
      .boolean()
      .optional()
      .meta({ default: false })
      .describe("Whether it also tells of one group that is gone; for labels such as a zone, whose values stay."),
  })
    .optional()
    .describe("The alert that nothing is measured any more; on unless page and ticket are off."),
  budget_left: z
    .array(
      z.union(
        [
          below,
          z.strictObject({
            below: below.describe("Share of the budget that is left."),
            severity: severity.optional().meta({ default: "warning" }).describe("Severity of the alert."),
          }),
        ],
        'write a percentage such as "10%", or { below: "10%", severity: warning }',
      ),
    )
    .max(10)
    .optional()
    .describe("Shares of the budget left at which an alert is raised; none by default."),
  tiers: z.array(tier).min(1).max(20).optional().describe("Burn rate table in place of the one that fits the window."),
});

const minimum = mapping("{ failures: 5 }", {
  events: z
    .number()
    .min(0)
    .optional()
    .meta({ default: 0 })
    .describe("Events that there must be in the alert's long window."),
  failures: z
    .number()
    .min(0)
    .optional()
    .meta({ default: 2 })
    .describe("Failures that there must be in the alert's long window; 0 where events are not counted."),
});

const common = {
  window: windowField.optional(),
  group_by: labelNamesField().optional().describe("Labels whose values each get a budget of their own."),
  minimum: minimum.optional().describe("What must have happened before an alert may fire."),
  alerts: alerts.optional().describe("Which alerts are written and how."),
};

/** What stands around the SLOs of a file. */
export const headSchema = z.strictObject({
  version: z.literal(OWN_VERSION).describe(`The format: ${OWN_VERSION}.`),
  service: nameField().describe("What the SLOs are about; the first part of their ids."),
  labels: labelsField().optional().describe("Labels of every SLO, on its info metric and its alerts."),
  defaults: z
    .strictObject(common)
    .optional()
    .describe("What holds for every SLO that says nothing else; labels and annotations are taken together."),
  slos: z.array(z.unknown()).min(1).describe("The SLOs."),
});

/** One SLO of a file. */
export const sloSchema = z.strictObject({
  name: nameField().describe("Name, unique in its service."),
  id: nameField().optional().describe("Unique name everywhere; `<service>-<name>` by default."),
  description: z.string().optional().describe("What it promises, for people."),
  labels: labelsField().optional().describe("Labels of its info metric and its alerts."),
  objective: objectiveField().describe("Percentage of events that shall be good, such as 99.9."),
  ...common,
  sli,
  timeslices: z
    .strictObject({
      length: durationIn(minutes(5), hours(1), minutes(5), "5m to 1h in steps of 5m").describe("Length of a slice."),
      objective: objectiveField().describe("Percentage of good events that makes a slice good."),
    })
    .optional()
    .describe(
      "Counts stretches of time in place of events: one is bad when less of its events were good than it asks for.",
    ),
});

/** The schema of a whole file, for editors: JSON Schema, draft 2020-12. */
export const ownJsonSchema = (): z.core.JSONSchema.BaseSchema => ({
  title: "Service level objectives of Watchkeeper",
  ...z.toJSONSchema(headSchema.extend({ slos: z.array(sloSchema).min(1).describe("The SLOs.") }), { io: "input" }),
});

export type OwnHead = z.output<typeof headSchema>;
export type OwnSlo = z.output<typeof sloSchema>;
export type OwnDefaults = NonNullable<OwnHead["defaults"]>;
