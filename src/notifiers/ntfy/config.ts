import { z } from "zod";
import { destinationFields, tlsFields, urlField } from "../../core/config-fields.ts";
import { optionalSecret } from "../shared/optional-secret.ts";

/** The two ways to log in: hand `source` of the configuration to `credential`. */
export const tokenSecret = optionalSecret("token", "Access token of a user who may write to the topic (`tk_...`).");
export const passwordSecret = optionalSecret("password", "Password of `username`.");

const fields = z.strictObject({
  type: z.literal("ntfy").describe("Publishes to a topic of ntfy.sh or of an ntfy server of your own."),
  ...destinationFields,
  url: urlField().prefault("https://ntfy.sh").describe("Address of the server, without the topic."),
  topic: z
    .string()
    .regex(/^[-_A-Za-z0-9]{1,64}$/, "use letters, digits, dash and underscore; 64 at most")
    .describe(
      "The topic. On a server without users whoever knows its name can read it: choose one that nobody guesses.",
    ),
  ...tokenSecret.fields,
  username: z.string().min(1).optional().describe("User who may write to the topic, in place of a token."),
  ...passwordSecret.fields,
  ...tlsFields,
});

/** A topic of an ntfy server. */
export const ntfyConfig = tokenSecret.atMostOne(passwordSecret.atMostOne(fields)).superRefine((config, context) => {
  const hasPassword = passwordSecret.source(config) !== undefined;
  const fault = (path: string, message: string): void => context.addIssue({ code: "custom", path: [path], message });
  if (config.username !== undefined && !hasPassword) fault("username", "needs password or password_file beside it");
  if (config.username === undefined && hasPassword) fault("password", "needs username beside it");
  if (config.username !== undefined && tokenSecret.source(config) !== undefined)
    fault("username", "stands beside a token: keep one of the two");
});

/** {@link ntfyConfig}, parsed. */
export type NtfyConfig = z.output<typeof ntfyConfig>;
