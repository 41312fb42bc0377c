import type { LabApiKey } from "../model/system.ts";
import type { LabCertificate } from "../model/system-certificate.ts";
import type { LabMethods, MethodContext } from "./contract.ts";
import { answerQuery } from "./system-query.ts";

/** Certificates and API keys. Source: github.com/truenas/middleware, api/v25_10_0/{certificate,api_key}.py */
export const certificateMethods: LabMethods = {
  "certificate.query": {
    role: "CERTIFICATE_READ",
    call: ({ state, params, now }) => {
      const { certificates, machine } = state.system;
      return answerQuery(
        certificates.map((one) => certificateRow(one, now(), machine.timezone)),
        params,
      );
    },
  },
  "api_key.query": {
    role: "API_KEY_READ",
    call: (context) =>
      answerQuery(
        context.state.system.apiKeys.map((key) => keyRow(key, context)),
        context.params,
      ),
  },
};

/** Who may change certificates gets the private key too, so that the lab shows it to everyone. */
function certificateRow({ id, name, commonName, issued }: LabCertificate, now: number, timezone: string) {
  return {
    id,
    type: issued === undefined ? 32 : 8,
    name,
    certificate: issued?.certificatePem ?? null,
    privatekey: issued?.keyPem ?? null,
    CSR: issued === undefined ? "-----BEGIN CERTIFICATE REQUEST-----\n" : null,
    root_path: "/etc/certificates",
    cert_type: "CERTIFICATE",
    cert_type_existing: issued !== undefined,
    cert_type_CSR: issued === undefined,
    common: commonName,
    san: [`DNS:${commonName}`],
    lifetime: issued === undefined ? null : Math.round((issued.until - issued.from) / 86_400),
    from: issued === undefined ? null : asText(issued.from, timezone),
    until: issued === undefined ? null : asText(issued.until, timezone),
    expired: issued === undefined ? null : issued.until < now,
    parsed: true,
  };
}

/** As C's `ctime` writes it, in the server's own time zone: `Tue Nov 24 13:00:00 2026`. */
function asText(at: number, timeZone: string): string {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    weekday: "short",
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    year: "numeric",
  }).formatToParts(at * 1000);
  const of = (type: Intl.DateTimeFormatPartTypes): string => parts.find((part) => part.type === type)?.value ?? "";
  const clock = `${of("hour")}:${of("minute")}:${of("second")}`;
  return `${of("weekday")} ${of("month")} ${of("day").padStart(2)} ${clock} ${of("year")}`;
}

function keyRow(key: LabApiKey, { release, date }: MethodContext): Record<string, unknown> {
  const { id, name, username, createdAt, expiresAt, revoked } = key;
  const first = { id, name, created_at: date(createdAt) };
  if (release === "24.10") return { ...first, allowlist: [{ method: "*", resource: "*" }] };
  return {
    ...first,
    username,
    user_identifier: 70 + id,
    local: true,
    expires_at: expiresAt === undefined ? null : date(expiresAt),
    revoked,
    ...(release !== "25.04" && { revoked_reason: revoked ? "Attempt to use over an insecure transport" : null }),
    ...(release === "26"
      ? { iterations: 500_000, salt: "********", stored_key: "********", server_key: "********" }
      : { keyhash: "********" }),
  };
}
