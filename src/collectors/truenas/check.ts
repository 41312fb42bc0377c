import { z } from "zod";
import { days } from "../../core/duration.ts";
import { asCollectError, COLLECT_REASONS, type CollectReason } from "../../core/errors.ts";
import type { Finding } from "../../core/pack.ts";
import { readShownCertificate } from "../../lib/http/shown-certificate.ts";
import { looseFlag, looseText, rows } from "../../lib/answers/loose-shapes.ts";
import { readSecret } from "../../lib/secret-source.ts";
import type { TrueNasClient } from "./client.ts";
import { apiKeyPair } from "./config.ts";
import { looseDate } from "./dates.ts";
import { readOfferedUpdate, type OfferedUpdate } from "./updates/offered-update.ts";
import { checkRoles, EVERYTHING } from "./roles.ts";
import { findRemovedRest } from "./updates/upgrade-guard.ts";
import type { Dialect } from "./versions.ts";

const WITHIN = days(21);

/** Failures of a login, by which a server shows that it was reached. */
const OF_LOGIN: ReadonlySet<CollectReason> = new Set<CollectReason>([
  "unauthorized",
  "forbidden",
  "rate_limited",
  "credential_unreadable",
]);

/**
 * What is to be done is said by the login itself or by the finding about the role; the usual advice is this very check.
 */
const ADVISED: ReadonlySet<CollectReason> = new Set<CollectReason>(["unauthorized", "forbidden"]);

const infoShape = z.object({ version: looseText });
const keysShape = rows(z.object({ name: looseText, expires_at: looseDate, revoked: looseFlag }));

/**
 * Whether the server is reached and by which version of its API, whether it takes the key, how long certificate and key
 * last, what the key may do, and whether an upgrade would take something away.
 */
export async function checkTrueNas(client: TrueNasClient, signal: AbortSignal): Promise<readonly Finding[]> {
  const server = `server ${new URL(client.config.url).host}`;
  try {
    const spoken = await client.api(signal);
    const release = await readRelease(client, signal);
    const message = `reachable; TrueNAS ${release ?? "of an unknown release"}, spoken with by API ${spoken.apiVersion}`;
    const found = [{ subject: server, ok: true, message }, ...describeNewer(spoken)];
    return [...found, ...(await checkRest(client, spoken.dialect, signal))];
  } catch (thrown) {
    return [...(await describeFailure(client, server, thrown, signal)), ...(await checkCertificate(client, signal))];
  }
}

/** Undefined for a key that may not ask, which is said of its roles. */
async function readRelease(client: TrueNasClient, signal: AbortSignal): Promise<string | undefined> {
  try {
    return (await client.call({ method: "system.info", shape: infoShape, signal })).version;
  } catch (thrown) {
    if (asCollectError(thrown).reason === "forbidden") return undefined;
    throw thrown;
  }
}

function describeNewer({
  newer,
  apiVersion,
}: {
  readonly newer?: string;
  readonly apiVersion: string;
}): readonly Finding[] {
  if (newer === undefined) return [];
  const message = `the server offers ${newer}, which this Watchkeeper does not know yet; ${apiVersion} is spoken. Look for a newer Watchkeeper`;
  return [{ subject: "API version", ok: true, message }];
}

/** What one question found, or that it could not be answered; one that fails takes no other with it. */
async function attempt(subject: string, ask: () => Promise<readonly Finding[]>): Promise<readonly Finding[]> {
  try {
    return await ask();
  } catch (thrown) {
    return [failed(subject, thrown)];
  }
}

async function checkRest(client: TrueNasClient, dialect: Dialect, signal: AbortSignal): Promise<readonly Finding[]> {
  const found = await Promise.all([
    checkCertificate(client, signal),
    attempt("API key", () => checkKey(client, dialect, signal)),
    attempt("roles of the API key", () => checkRoles(client, dialect, signal)),
    attempt("upgrade", () => checkUpgrade(client, dialect, signal)),
  ]);
  return found.flat();
}

async function checkCertificate({ config }: TrueNasClient, signal: AbortSignal): Promise<readonly Finding[]> {
  const subject = "certificate";
  const shown = await readShownCertificate({ url: config.url, serverName: config.server_name, signal }).catch(
    () => undefined,
  );
  // what is wrong with the way to the server is said of the server
  if (shown === undefined) return [];
  const end = shown.validToDate.getTime();
  const message = `ends on ${day(end)}`;
  if (end > Date.now() + WITHIN) return [{ subject, ok: true, message }];
  return [{ subject, ok: false, message: `${message}: renew it under Credentials > Certificates` }];
}

async function checkKey(client: TrueNasClient, dialect: Dialect, signal: AbortSignal): Promise<readonly Finding[]> {
  const subject = "API key";
  const { username } = client.config;
  const proved =
    username !== undefined && dialect.scram ? "accepted, without being shown to the server (SCRAM)" : "accepted";
  const advice =
    username === undefined && dialect.scram ? ". With `username` the key is not shown to the server at each login" : "";
  const own = await findOwnKey(client, signal).catch(() => undefined);
  const name = own?.name === undefined ? "" : `; its name is ${own.name}`;
  const end = own?.expires_at;
  if (end === undefined) return [{ subject, ok: true, message: `${proved}${name}${advice}` }];
  const message = `${proved}${name}; it ends on ${day(end * 1000)}`;
  if (end * 1000 > Date.now() + WITHIN) return [{ subject, ok: true, message: `${message}${advice}` }];
  return [{ subject, ok: false, message: `${message}: make a new one under Credentials > Users > API Keys` }];
}

/** A key begins with its number, by which the server lists it. */
async function findOwnKey(client: TrueNasClient, signal: AbortSignal) {
  const id = /^(\d+)-/.exec((await readSecret(apiKeyPair.source(client.config))).reveal())?.[1];
  if (id === undefined) return undefined;
  const params = [[["id", "=", Number(id)]], { select: ["name", "expires_at", "revoked"] }];
  return (await client.call({ method: "api_key.query", params, shape: keysShape, signal }))[0];
}

async function checkUpgrade(client: TrueNasClient, dialect: Dialect, signal: AbortSignal): Promise<readonly Finding[]> {
  const offered = await readOfferedUpdate(client, dialect, signal);
  const removed = await findRemovedRest(client, { dialect, offered: offered.version, signal });
  const subject = "upgrade";
  if (removed === undefined) return [{ subject, ok: true, message: describeOffer(offered) }];
  const { version, isRunning, lookouts } = removed;
  const users = await Promise.all(lookouts.map(async ({ usedBy, find }) => ((await find()) ? [usedBy] : [])));
  const release = isRunning ? `TrueNAS ${version}, which runs,` : `TrueNAS ${version}, which is offered,`;
  const found = users.flat().map((usedBy): Finding => {
    return {
      subject,
      ok: false,
      message: `${release} has no REST API any more: ${ADVICE[usedBy]}${isRunning ? "" : " before the upgrade"}`,
    };
  });
  if (found.length > 0) return found;
  return [{ subject, ok: true, message: `${release} has no REST API any more, and nobody was seen who uses it` }];
}

function describeOffer({ isAvailable, version, hasFailed }: OfferedUpdate): string {
  if (version !== undefined) return `${version} is offered, and takes nothing away`;
  if (isAvailable === false) return "no newer release is offered";
  return hasFailed === true
    ? "the server could not find out whether there is a newer release"
    : "the server does not tell whether there is a newer release";
}

const ADVICE = {
  "democratic-csi":
    "there are volumes of democratic-csi, whose drivers for TrueNAS need it. They want a driver that speaks JSON-RPC",
  rest_client:
    "the server saw somebody use it in the last day. See its alert for the address; that program wants a release that speaks JSON-RPC",
} as const;

async function describeFailure(
  client: TrueNasClient,
  subject: string,
  thrown: unknown,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const { reason } = asCollectError(thrown);
  const hides = EVERYTHING.map(({ name }) => name);
  if (OF_LOGIN.has(reason))
    return [
      { subject, ok: true, message: "reachable" },
      { ...failed("API key", thrown), hides },
    ];
  const finding = { ...failed(subject, thrown), hides };
  if (reason !== "tls_untrusted") return [finding];
  return [{ ...finding, message: `${finding.message}${await describeShown(client, signal)}` }];
}

/** Who trusts a fingerprint that came over the very connection in doubt has checked nothing. */
async function describeShown({ config }: TrueNasClient, signal: AbortSignal): Promise<string> {
  const shown = await readShownCertificate({ url: config.url, serverName: config.server_name, signal }).catch(
    () => undefined,
  );
  if (shown === undefined) return "";
  return ` The certificate seen has the SHA-256 ${shown.fingerprint256}: compare it first with what \`openssl x509 -noout -fingerprint -sha256 -in /etc/certificates/<its name>.crt\` says on the server (System > Shell).`;
}

function failed(subject: string, thrown: unknown): Finding {
  const { reason, message } = asCollectError(thrown);
  const advice = ADVISED.has(reason) ? "" : `. ${COLLECT_REASONS[reason].action}`;
  return { subject, ok: false, message: `${reason}: ${message}${advice}` };
}

const day = (unixMs: number): string => new Date(unixMs).toISOString().slice(0, 10);
