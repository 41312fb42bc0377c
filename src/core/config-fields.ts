import { z } from "zod";
import { DURATION_PATTERN, days, formatDuration, minutes, parseDuration, type Duration } from "./duration.ts";
import { Secret } from "./secret.ts";

const DURATION_HELP = 'write a duration such as "15s", "5m" or "1h30m"';

const durationText = z
  .string(DURATION_HELP)
  .regex(DURATION_PATTERN, DURATION_HELP)
  .refine((text) => text !== "", DURATION_HELP);

/** A duration of the configuration, from `least` to `most`; written like `15s` or `1h30m`. */
export function durationField(least: Duration, most: Duration) {
  const bounds = `write a duration from ${formatDuration(least)} to ${formatDuration(most)}`;
  return durationText
    .transform((text) => parseDuration(text) as Duration)
    .refine((duration) => duration >= least && duration <= most, bounds)
    .meta({ title: `duration, ${formatDuration(least)} to ${formatDuration(most)}` });
}

/**
 * A secret written as a literal or as `${ENVIRONMENT_VARIABLE}`; parsed into a {@link Secret}. JSON Schema's
 * `writeOnly` marks it for everything that prints a configuration.
 */
export const secretField = () =>
  z
    .string()
    .min(1, "must not be empty")
    .meta({ title: "secret", writeOnly: true })
    .transform((text) => new Secret(text));

/** The path of a file, relative to the folder of the configuration file. */
export const fileField = () => z.string().min(1, "must name a file").meta({ format: "path" });

type SecretFields<K extends string> = { [P in K]: z.ZodOptional<ReturnType<typeof secretField>> } & {
  [P in `${K}_file`]: z.ZodOptional<ReturnType<typeof fileField>>;
};

/** What an object that has the fields of a {@link secretPair} holds of them, once parsed. */
type SecretChoice<K extends string> = { readonly [P in K]?: Secret | undefined } & {
  readonly [P in `${K}_file`]?: string | undefined;
};

/**
 * A secret that is written at `<key>` or stands in the file of `<key>_file`, exactly one of them. Spread `fields` into
 * a strict object, wrap that object into `exactlyOne`, and hand `source` of what was parsed to `readSecret`:
 *
 *     const token = secretPair("token", "Token of the API.");
 *     const auth = token.exactlyOne(z.strictObject({ method: z.literal("token"), ...token.fields }));
 *     const secret = await readSecret(token.source(config.auth));
 */
export function secretPair<K extends string>(key: K, help: string) {
  const fileKey = `${key}_file` as const;
  const fields = {
    [key]: secretField().optional().describe(help),
    [fileKey]: fileField().optional().describe(`File that holds \`${key}\`; read anew at each use.`),
  } as SecretFields<K>;
  return {
    fields,
    exactlyOne: <S extends z.ZodObject>(schema: S): S => exactlyOneOf(schema, key, fileKey, help),
    source: (config: SecretChoice<K>): { value: Secret | undefined; file: string | undefined } => ({
      value: config[key],
      file: config[fileKey] as string | undefined,
    }),
  };
}

function exactlyOneOf<S extends z.ZodObject>(schema: S, key: string, fileKey: string, help: string): S {
  const given = (value: unknown, name: string): boolean =>
    typeof value === "object" && value !== null && Reflect.get(value, name) !== undefined;
  const only = (name: string) => ({ type: "object", properties: { [name]: {} }, required: [name] });
  const others = schema.meta()?.["allOf"];
  return schema
    .superRefine(
      (value, context) => {
        if (given(value, key) && given(value, fileKey)) {
          const message = `stands beside ${fileKey}: keep one of the two`;
          context.addIssue({ code: "custom", path: [key], message });
        } else if (!given(value, key) && !given(value, fileKey)) {
          context.addIssue({ code: "custom", message: `needs ${key} or ${fileKey}: ${help}` });
        }
      },
      // faults of other keys do not hide this one
      { when: ({ value }) => typeof value === "object" && value !== null && !Array.isArray(value) },
    )
    .meta({ allOf: [...(Array.isArray(others) ? others : []), { oneOf: [only(key), only(fileKey)] }] });
}

/** What is wrong with a text that begins as a URL does, and is none. */
export const NO_URL = "is no URL: look at its host and port (65535 is the last)";

/**
 * An `http://` or `https://` URL without credentials, query or fragment; parsed into its text without a final slash.
 */
export function urlField(schemes: readonly ("http" | "https")[] = ["http", "https"]) {
  const wanted = schemes.map((scheme) => `${scheme}://`).join(" or ");
  return z
    .string()
    .superRefine((text, context) => {
      const url = URL.parse(text);
      const [scheme, host = ""] = text.toLowerCase().split("://", 2);
      const problem =
        !schemes.some((one) => one === scheme) || host === "" || host.startsWith("/")
          ? `write a URL that starts with ${wanted}`
          : url === null
            ? NO_URL
            : url.username !== "" || url.password !== ""
              ? "must not hold a user name or password: use the settings for credentials"
              : url.search !== "" || url.hash !== ""
                ? "must not hold a query or fragment"
                : undefined;
      if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
    })
    .meta({ format: "uri" })
    .transform((text) => text.replace(/\/+$/, ""));
}

/** SHA-256 of a certificate in hexadecimal, with or without colons; parsed into 64 lower-case digits. */
export const fingerprintField = () =>
  z
    .string()
    .regex(/^(?:[0-9a-fA-F]{2}:?){31}[0-9a-fA-F]{2}$/, "write the certificate's SHA-256: 64 hexadecimal digits")
    .transform((text) => text.replaceAll(":", "").toLowerCase());

/** How TLS to a target is verified; spread into a target's configuration. */
export const tlsFields = {
  ca_file: fileField().optional().describe("PEM file of the authorities that may sign the target's certificate."),
  fingerprint: fingerprintField()
    .optional()
    .describe("SHA-256 of the target's own certificate; alone it takes the place of authority and host name checks."),
  server_name: z.string().min(1).optional().describe("Host name to ask for and verify instead of the URL's."),
};

/** What every target's configuration holds; spread into a collector's strict object. */
export const targetFields = {
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, "use letters, digits, dot, dash and underscore; 63 at most")
    .describe("Value of the `target` label; unique among the targets of its collector."),
  pace: z
    .number()
    .min(0.1)
    .max(100)
    .default(1)
    .describe("Factor on every part's interval: 2 polls half as often, 0.5 twice as often."),
  concurrency: z.int().min(1).max(64).default(4).describe("How many parts of this target are polled at once."),
};

/** The least that every target's configuration holds. */
export interface TargetConfig {
  readonly name: string;
  readonly pace: number;
  readonly concurrency: number;
}

/** What every destination's configuration holds; spread into a notifier's strict object beside its `type`. */
export const destinationFields = {
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, "use letters, digits, dot, dash and underscore; 63 at most")
    .describe("Name of the destination, for routes and the `destination` label; unique."),
  rate: z.number().min(1).max(6_000).optional().describe("Messages in a minute; by default what the service bears."),
  give_up_after: durationField(minutes(10), days(7))
    .optional()
    .describe("A message that could not be delivered for so long is a dead letter."),
};
