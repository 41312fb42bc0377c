import { z } from "zod";
import { NO_URL, secretPair, targetFields, tlsFields } from "../../core/config-fields.ts";

/** The API key: hand `source` of a configured target to `readSecret`. */
export const apiKeyPair = secretPair("api_key", "API key, as it was shown once when it was made.");

const REVOKED =
  "TrueNAS revokes an API key at once when it is used over an unencrypted connection: write https://, and ca_file or fingerprint for a certificate of your own";

const serverUrl = z
  .string()
  .superRefine((text, context) => {
    const message = faultOf(text);
    if (message !== undefined) context.addIssue({ code: "custom", message });
  })
  .meta({ format: "uri" })
  .transform((text) => `https://${new URL(text.replace(/^wss:/, "https:")).host}`);

function faultOf(text: string): string | undefined {
  if (/^(ws|http):\/\//i.test(text)) return REVOKED;
  if (!/^(https|wss):\/\/[^/]/i.test(text)) return "write a URL that starts with https:// or wss://";
  if (!URL.canParse(text)) return NO_URL;
  const url = new URL(text.replace(/^wss:/i, "https:"));
  if (url.username !== "" || url.password !== "") return "must not hold a user name or password: use api_key";
  if (url.pathname !== "/" || url.search !== "" || url.hash !== "")
    return "write the server alone, without a path: https://nas.example.org";
  return undefined;
}

/** One TrueNAS server of the configuration. */
export const trueNasConfig = apiKeyPair.exactlyOne(
  z.strictObject({
    ...targetFields,
    concurrency: z
      .int()
      .min(1)
      .max(64)
      .default(16)
      .describe(
        "How many parts of this target are polled at once: by default all, so that none waits for one that hangs. Whatever this is, the server gets no more than eight calls at once.",
      ),
    url: serverUrl.describe("URL of the server, as its web interface has it; `wss://` means the same."),
    ...tlsFields,
    username: z
      .string()
      .min(1)
      .optional()
      .describe(
        "User that the API key belongs to. Without it the key alone is sent, and TrueNAS 26 is shown it at each login, which it need not be. Not used on 24.10.",
      ),
    ...apiKeyPair.fields,
    datasets: z
      .strictObject({
        exclude: z
          .array(z.string().min(1))
          .default(["*/.system", "*/.system/*", "*/ix-applications", "*/ix-applications/*", "*/ix-apps", "*/ix-apps/*"])
          .describe(
            "Datasets that get no series of their own; `*` stands for anything, slashes included. What they hold counts in their pool all the same. A list of your own takes the place of this one.",
          ),
      })
      .prefault({})
      .describe("Which datasets are shown."),
  }),
);

/** {@link trueNasConfig}, parsed. */
export type TrueNasConfig = z.output<typeof trueNasConfig>;
