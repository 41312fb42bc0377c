import { z } from "zod";
import { destinationFields, secretPair, tlsFields, urlField } from "../../core/config-fields.ts";

/** The application's token: hand `source` of the configuration to `credential`. */
export const tokenPair = secretPair("token", "Token of the application (not of a client) that the messages belong to.");

/** An application of a Gotify server. */
export const gotifyConfig = tokenPair.exactlyOne(
  z.strictObject({
    type: z.literal("gotify").describe("Sends to an application of your Gotify server."),
    ...destinationFields,
    url: urlField().describe("Address of the server, with its path if it has one."),
    ...tokenPair.fields,
    ...tlsFields,
  }),
);

/** {@link gotifyConfig}, parsed. */
export type GotifyConfig = z.output<typeof gotifyConfig>;
