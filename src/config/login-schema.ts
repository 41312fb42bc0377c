import { z } from "zod";
import { secretPair } from "../core/config-fields.ts";

const token = secretPair("token", "The token.");
const password = secretPair("password", "The password.");

/** A token. */
export const bearerSchema = token
  .exactlyOne(
    z.strictObject({
      type: z.literal("bearer").describe("A token in the header `Authorization`."),
      ...token.fields,
    }),
  )
  .transform((config) => ({ type: config.type, token: token.source(config) }));

/** A user name and a password. */
export const basicSchema = password
  .exactlyOne(
    z.strictObject({
      type: z.literal("basic").describe("A user name and a password."),
      username: z
        .string()
        .min(1)
        .refine((name) => !name.includes(":"), "must not hold a colon")
        .describe("The user name."),
      ...password.fields,
    }),
  )
  .transform((config) => ({ type: config.type, username: config.username, password: password.source(config) }));

/** How Watchkeeper logs in where it asks. */
export const loginSchema = z.discriminatedUnion("type", [bearerSchema, basicSchema]);
