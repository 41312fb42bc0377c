import type { LabRequest } from "../exchange.ts";
import type { ElasticsearchLabOptions } from "./contract.ts";
import { ElasticError } from "./errors.ts";

type Credentials = Pick<ElasticsearchLabOptions, "apiKey" | "login">;

const SCHEMES = ['Basic realm="security", charset="UTF-8"', "ApiKey"];

/** What a request is refused with whose login is not right. */
export function refusalOfLogin(
  { apiKey, login }: Credentials,
  { headers, path }: LabRequest,
): ElasticError | undefined {
  if (apiKey === undefined && login === undefined) return undefined;
  const { authorization } = headers;
  if (authorization === undefined) return unauthorized(`missing authentication credentials for REST request [${path}]`);
  if (apiKey !== undefined && authorization === `ApiKey ${apiKey}`) return undefined;
  if (login !== undefined && authorization === basic(login)) return undefined;
  return unauthorized(
    authorization.startsWith("ApiKey ")
      ? "unable to authenticate with provided credentials and anonymous access is not allowed for this request"
      : `unable to authenticate user [${userOf(authorization)}] for REST request [${path}]`,
  );
}

/** The headers of a refusal. */
export const CHALLENGE = { "www-authenticate": SCHEMES.join(", ") };

const basic = ({ username, password }: { readonly username: string; readonly password: string }): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;

const userOf = (authorization: string): string =>
  Buffer.from(authorization.replace(/^Basic /, ""), "base64")
    .toString()
    .split(":")[0] ?? "";

const unauthorized = (reason: string): ElasticError =>
  new ElasticError("security_exception", reason, { status: 401, details: { header: { "WWW-Authenticate": SCHEMES } } });
