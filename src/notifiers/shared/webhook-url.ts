import { DeliveryError } from "../../core/delivery-errors.ts";
import type { SecretSource } from "../../lib/secret-source.ts";
import { credential } from "./http-channel.ts";

/**
 * Reads an incoming webhook's address, which is its credential, anew. Throws `DeliveryError`: `credential_unreadable`
 * when it is no `http` or `https` address; the message does not show it.
 */
export async function webhookUrl(source: SecretSource): Promise<URL> {
  const url = URL.parse((await credential(source)).reveal());
  const isUsable =
    (url?.protocol === "https:" || url?.protocol === "http:") && url.username === "" && url.password === "";
  if (url !== null && isUsable) return url;
  const where = source.file === undefined ? "`url`" : `the file ${source.file}`;
  throw new DeliveryError("credential_unreadable", `${where} does not hold the address of a webhook: copy it anew`);
}
