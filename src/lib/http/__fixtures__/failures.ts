import { inspect } from "node:util";
import { CollectError } from "../../../core/errors.ts";
import type { CollectReason } from "../../../core/errors.ts";
import { Secret } from "../../../core/secret.ts";
import { createHttpClient } from "../client.ts";
import type { HttpClientOptions, HttpRequest } from "../client.ts";

/** The secret of every scenario, and its form in a URL. */
export const PLANTED = "s.hVs7Zq-pLanted_0123/äß+value";
export const ENCODED = encodeURIComponent(PLANTED);
export const QUERY = `?token=${ENCODED}&list=true`;

/** A way to fail; the server gets the secret in a header, the query and the body, and may send back all of it. */
export interface Scenario {
  readonly name: string;
  readonly reason: CollectReason;
  readonly start: () => Promise<{ url: string; options?: HttpClientOptions }>;
  readonly request?: Partial<HttpRequest>;
  readonly message?: RegExp;
}

/** The error that a request must fail with. */
export async function failureOf(work: Promise<unknown>): Promise<CollectError> {
  let value: unknown;
  try {
    value = await work;
  } catch (error) {
    if (error instanceof CollectError) return error;
    throw new TypeError(`failed with something else than a CollectError: ${String(error)}`, { cause: error });
  }
  throw new TypeError(`did not fail but gave ${inspect(value)}`);
}

/** Plays a scenario and gives the error in which it ended. */
export async function play(scenario: Scenario): Promise<CollectError> {
  const { url, options } = await scenario.start();
  const client = createHttpClient({ maxBodyBytes: 4_000, ...options });
  try {
    return await failureOf(
      client.requestJson({
        url: `${url}${QUERY}`,
        headers: { authorization: new Secret(`Bearer ${PLANTED}`) },
        body: { login: { password: new Secret(PLANTED) } },
        ...scenario.request,
      }),
    );
  } finally {
    await client.close();
  }
}

/** The renderings of an error and its causes, in every way in which one may come to be read, that show the secret. */
export function findLeaks(error: Error): string[] {
  const chain: unknown[] = [];
  for (let one: unknown = error; one !== undefined; one = one instanceof Error ? one.cause : undefined) chain.push(one);
  const texts = chain.flatMap((one) => [
    String(one),
    JSON.stringify(one),
    inspect(one, { depth: 10 }),
    inspect(one, { depth: 10, showHidden: true }),
    one instanceof Error ? String(one.stack) : "",
  ]);
  return texts.filter((text) => [PLANTED, ENCODED, "pLanted_0123"].some((form) => text.includes(form)));
}
