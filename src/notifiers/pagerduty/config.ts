import { z } from "zod";
import { destinationFields, secretPair, tlsFields, urlField } from "../../core/config-fields.ts";

/** The key of a destination: hand `source` of its configuration to `credential`. */
export const routingKeyPair = secretPair(
  "routing_key",
  "Integration key of the service, 32 characters: Integrations, Events API v2.",
);

const fields = {
  ...destinationFields,
  ...routingKeyPair.fields,
  api_url: urlField()
    .prefault("https://events.pagerduty.com")
    .describe("Address of the Events API; of an account in the EU region https://events.eu.pagerduty.com."),
  ...tlsFields,
};

/** A PagerDuty service whose incidents are opened and resolved. */
export const pagerDutyConfig = routingKeyPair.exactlyOne(
  z.strictObject({
    type: z.literal("pagerduty").describe("Open, update and resolve incidents of a PagerDuty service."),
    ...fields,
    client: z
      .string()
      .min(1)
      .max(100)
      .default("Watchkeeper")
      .describe("Name of the monitoring system that PagerDuty shows with its link to Watchkeeper."),
  }),
);

/** A PagerDuty service that is told of changes. */
export const pagerDutyChangeConfig = routingKeyPair.exactlyOne(
  z.strictObject({
    type: z.literal("pagerduty-change").describe("Report changes, such as deployments, to a PagerDuty service."),
    ...fields,
  }),
);

/** {@link pagerDutyConfig}, parsed. */
export type PagerDutyConfig = z.output<typeof pagerDutyConfig>;

/** {@link pagerDutyChangeConfig}, parsed. */
export type PagerDutyChangeConfig = z.output<typeof pagerDutyChangeConfig>;
