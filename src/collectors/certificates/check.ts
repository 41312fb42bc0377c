import { failedFinding } from "../../core/finding.ts";
import type { Finding } from "../../core/pack.ts";
import { FORMAT_FAULTS } from "./certificate.ts";
import type { EndpointState, Keeper, SourceState } from "./keeper.ts";

/** Whether each endpoint shows a certificate and each source can be read, and what can not. */
export async function checkCertificates(keeper: Keeper, signal: AbortSignal): Promise<readonly Finding[]> {
  await keeper.refresh(signal);
  const sources = await Promise.all(keeper.sources.map((state) => checkSource(state, signal)));
  const renewal = keeper.renewalFaults.map(({ piece, error }) => failedFinding(piece, error));
  return [...keeper.endpoints.map(checkEndpoint), ...sources.flat(), ...renewal];
}

function checkEndpoint({ endpoint, probe, shown }: EndpointState): Finding {
  const subject = `endpoint ${endpoint.name}`;
  if (probe === undefined) return { subject, ok: false, message: "no answer within 20 s; look again" };
  if (probe.error !== undefined) return failedFinding(subject, probe.error);
  if (shown === undefined) return { subject, ok: false, message: "a TLS session without a certificate" };
  const { tls, judgement } = shown;
  const ends = Math.min(...tls.served.map(({ notAfter }) => notAfter));
  const faults = judgement.checks.filter(({ ok }) => !ok).map(({ check, reason }) => `${check}: ${reason}`);
  const told = faults.length === 0 ? "" : `; ${faults.join(", ")}`;
  return {
    subject,
    ok: true,
    message: `${tls.version}, ends ${new Date(ends * 1000).toISOString().slice(0, 10)}${told}`,
  };
}

async function checkSource({ source, reading, error }: SourceState, signal: AbortSignal): Promise<readonly Finding[]> {
  const subject = `${source.kind} ${source.name}`;
  const rights = (await source.check?.(signal)) ?? [];
  if (error !== undefined) return [failedFinding(subject, error), ...rights];
  if (reading === undefined) return [{ subject, ok: false, message: "no answer within 20 s; look again" }, ...rights];
  const count = reading.bundles.reduce((sum, { certificates }) => sum + certificates.length, 0);
  const summary: Finding = { subject, ok: true, message: `${count} certificates in ${reading.bundles.length} places` };
  const missing = reading.missing.map((each) => failedFinding(each.piece, each.error));
  const faults = reading.bundles.flatMap(({ where, faults }) =>
    faults.map(({ reason, detail }): Finding => {
      return { subject: where, ok: false, message: `${reason}: ${detail} (${FORMAT_FAULTS[reason]})` };
    }),
  );
  return [summary, ...missing, ...faults, ...rights];
}
