import { z } from "zod";
import type { AlertSource, SourceCredential } from "../../core/alerting-config.ts";
import { durationField, fileField, secretPair, urlField } from "../../core/config-fields.ts";
import { days, hours, inSeconds, seconds } from "../../core/duration.ts";
import { basicSchema, bearerSchema, loginSchema } from "../login-schema.ts";
import { matchersField } from "./matcher-field.ts";
import { nameField } from "./names.ts";

const secret = secretPair("secret", "The key that the body is signed with.");

const headerField = () =>
  z
    .string()
    .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, "must be the name of an HTTP header")
    .transform((name) => name.toLowerCase());

const hmacSchema = secret
  .exactlyOne(
    z.strictObject({
      type: z.literal("hmac").describe("A signature: HMAC-SHA256 of the body, as Grafana makes it."),
      ...secret.fields,
      header: headerField().prefault("x-grafana-alerting-signature").describe("Header that holds the signature."),
      timestamp_header: headerField()
        .optional()
        .describe("Header with the Unix seconds that are signed too; it guards against a message that is sent again."),
    }),
  )
  .transform((config) => ({
    type: config.type,
    secret: secret.source(config),
    header: config.header,
    timestampHeader: config.timestamp_header,
  }));

const credentialSchema: z.ZodType<SourceCredential> = z.discriminatedUnion("type", [
  bearerSchema,
  basicSchema,
  hmacSchema,
]);

const alertmanagerSchema = z
  .strictObject({
    urls: z
      .array(urlField())
      .min(1)
      .max(20)
      .describe("URL of every replica of this Alertmanager, as Watchkeeper reaches it."),
    every: durationField(seconds(10), hours(1)).prefault("1m").describe("How often it is asked."),
    ca_file: fileField().optional().describe("PEM file of the authorities that may sign its certificate."),
    login: loginSchema.optional().describe("How to log in, if it asks."),
  })
  .transform(({ ca_file: caFile, login, ...api }) => ({ ...api, caFile, login }));

const watchdogSchema = z
  .strictObject({
    matchers: matchersField()
      .prefault(['alertname="Watchdog"'])
      .describe("Which alert it is; its notifications are a sign of life and are not told."),
    every: durationField(seconds(10), days(1))
      .prefault("5m")
      .describe("How often its notification arrives: the `repeat_interval` of its route in Alertmanager."),
    misses: z.int().min(1).max(100).default(3).describe("So many that fail to arrive are an alert of their own."),
  })
  .superRefine(({ every, misses }, context) => {
    const isInBounds = every >= seconds(10) && misses >= 1;
    if (!isInBounds || inSeconds(every) * misses >= 60) return;
    const message = "`every` times `misses` is less than a minute: a slow network would look like silence";
    context.addIssue({ code: "custom", path: ["every"], message });
  });

/** One sender of webhooks. */
export const sourceSchema = z
  .strictObject({
    name: nameField("Name of the source, which is the last part of its webhook's address; unique."),
    credentials: z
      .array(credentialSchema)
      .max(2)
      .prefault([])
      .describe(
        "What the sender must show; two are for the time in which one takes the other's place. Required unless `server.listen` is bound to loopback.",
      ),
    alertmanager: alertmanagerSchema
      .optional()
      .describe("The API of the Alertmanager that sends: it is asked for alerts whose end it never reported."),
    watchdog: watchdogSchema
      .optional()
      .describe("An alert that always fires: when it stops arriving, that is an alert."),
  })
  .transform(({ name, credentials, alertmanager, watchdog }): AlertSource => ({
    name,
    credentials,
    alertmanager,
    watchdog,
  }));
