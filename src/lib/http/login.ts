import { readFile } from "node:fs/promises";
import type { SourceCredential } from "../../core/alerting-config.ts";
import { CollectError } from "../../core/errors.ts";
import { Secret } from "../../core/secret.ts";
import { readSecret } from "../secret-source.ts";

/** How Watchkeeper shows who it is: a token, or a user name and a password. */
export type Login = Exclude<SourceCredential, { type: "hmac" }>;

/** The header of a login; none without one. A secret's file is read anew. Throws `credential_unreadable`. */
export async function loginHeaders(login: Login | undefined): Promise<Readonly<Record<string, Secret>>> {
  if (login === undefined) return {};
  if (login.type === "bearer") {
    const token = await readSecret(login.token);
    return { authorization: new Secret(`Bearer ${token.reveal()}`) };
  }
  const password = await readSecret(login.password);
  const pair = Buffer.from(`${login.username}:${password.reveal()}`).toString("base64");
  return { authorization: new Secret(`Basic ${pair}`) };
}

/** The certificates of a `ca_file`; undefined without one. Throws `tls_untrusted`. */
export async function readAuthorities(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  try {
    return await readFile(file, "utf8");
  } catch (thrown) {
    const why = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "it can not be read";
    throw new CollectError("tls_untrusted", `ca_file ${file} is not usable: ${why}`, { cause: thrown });
  }
}
