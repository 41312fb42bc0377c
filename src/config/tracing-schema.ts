import { z } from "zod";
import { secretPair, urlField } from "../core/config-fields.ts";

const value = secretPair("value", "The header's value.");

const headerSchema = value
  .exactlyOne(
    z.strictObject({
      name: z
        .string()
        .regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/, "must be the name of an HTTP header")
        .describe("Name of the header, such as `Authorization`."),
      ...value.fields,
    }),
  )
  .transform((header) => ({ name: header.name, value: value.source(header) }));

/** The section `tracing`. */
export const tracingSchema = z
  .strictObject({
    endpoint: urlField().describe(
      "URL of an OTLP/HTTP collector, such as `http://tempo.example:4318`; `/v1/traces` is added to it.",
    ),
    headers: z.array(headerSchema).max(20).prefault([]).describe("Headers to send along, such as an `Authorization`."),
    sample_ratio: z
      .number()
      .min(0)
      .max(1)
      .default(1)
      .describe("Share of the traces that are kept, unless the caller has decided already."),
    service_name: z.string().min(1).default("watchkeeper").describe("Name of this service in the traces."),
  })
  .transform(({ sample_ratio, service_name, ...rest }) => ({
    ...rest,
    sampleRatio: sample_ratio,
    serviceName: service_name,
  }));
