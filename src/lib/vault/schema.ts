import { z } from "zod";

/** Shapes of the answers about tokens; keys that nobody reads are left out and may be anything. */

/** `auth/token/lookup-self`; a ttl and creation_ttl of 0 mean that the token never ends. */
export const tokenLookupShape = z
  .object({
    data: z.object({
      ttl: z.number(),
      creation_ttl: z.number(),
      expire_time: z.iso.datetime({ offset: true }).nullish(),
      renewable: z.boolean().optional(),
    }),
  })
  .transform(({ data }) => data);

/** Answers of logins and renewals. */
export const loginShape = z
  .object({ auth: z.object({ client_token: z.string().min(1), lease_duration: z.number(), renewable: z.boolean() }) })
  .transform(({ auth }) => auth);

/** `sys/capabilities-self`: capabilities by path. */
export const capabilitiesShape = z
  .object({ data: z.record(z.string(), z.array(z.string())) })
  .transform(({ data }) => data);
