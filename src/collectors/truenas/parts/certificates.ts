import { hours, seconds } from "../../../core/duration.ts";
import { optionally } from "../../../core/optionally.ts";
import type { CollectContext, Part } from "../../../core/pack.ts";
import { readShownCertificate } from "../../../lib/http/shown-certificate.ts";
import type { TrueNasClient } from "../client.ts";
import { certificates } from "../metrics/upkeep.ts";
import { apiKeyShape, certificateShape, endOfCertificate } from "./certificate-rows.ts";
import { listShape, readRows } from "./row-list.ts";

/**
 * Whatever ends on a day: certificates and API keys. The shown certificate matters most when nothing else can be read.
 */
export const certificatesPart: Part<TrueNasClient> = {
  id: "certificates",
  title: "Certificates and API keys",
  every: hours(1),
  deadline: seconds(60),
  metrics: certificates,
  async collect(client, context) {
    await optionally(context, "shown certificate", () => recordShown(client, context));
    await optionally(context, "certificates", () => recordKept(client, context));
    await optionally(context, "API keys", () => recordKeys(client, context));
  },
};

async function recordShown({ config }: TrueNasClient, context: CollectContext): Promise<void> {
  const { url, server_name: serverName } = config;
  const { validToDate } = await readShownCertificate({ url, serverName, signal: context.signal });
  context.record(certificates.shown, {}, validToDate.getTime() / 1000);
}

async function recordKept(client: TrueNasClient, context: CollectContext): Promise<void> {
  const method = "certificate.query";
  // without the private key, which the server gives to whoever may change certificates
  const params = [[], { select: ["name", "common", "certificate", "until"] }];
  const list = await client.call({ method, params, shape: listShape, signal: context.signal });
  for (const row of readRows(context, list, { method, row: certificateShape, key: ({ name }) => name })) {
    const labels = { certificate: row.name, common_name: row.common ?? "" };
    context.record(certificates.notAfter, labels, endOfCertificate(row));
  }
}

async function recordKeys(client: TrueNasClient, context: CollectContext): Promise<void> {
  const method = "api_key.query";
  const params = [[], { select: ["id", "name", "username", "expires_at", "revoked"] }];
  const list = await client.call({ method, params, shape: listShape, signal: context.signal });
  for (const row of readRows(context, list, { method, row: apiKeyShape, key: ({ name }) => name })) {
    const labels = { key: row.name, username: row.username ?? "" };
    context.record(certificates.keyExpiry, labels, row.expires_at);
    context.record(certificates.keyRevoked, labels, row.revoked);
  }
}
