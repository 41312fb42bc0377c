import type { CollectContext } from "../../core/pack.ts";
import type { Certificate } from "./certificate.ts";
import type { CheckResult } from "./checks.ts";
import { servedIsStored } from "./judge/served-is-stored.ts";
import type { EndpointState, Keeper } from "./keeper.ts";
import { endpoints } from "./metrics.ts";
import { hexSerial, nameText } from "./x509/name-text.ts";

/** Records what the endpoints serve, and how it is judged. */
export function recordEndpoints(keeper: Keeper, context: CollectContext): void {
  for (const state of keeper.endpoints) recordEndpoint(keeper, state, context);
}

function recordEndpoint(keeper: Keeper, state: EndpointState, context: CollectContext): void {
  const { endpoint, probe, shown } = state;
  if (probe === undefined) return;
  const labels = { endpoint: endpoint.name };
  context.record(endpoints.success, labels, probe.error === undefined);
  if (probe.error !== undefined) {
    context.record(endpoints.failure, { ...labels, reason: probe.error.reason }, 1);
    context.missing(endpoint.name, probe.error);
  }
  context.record(endpoints.duration, labels, probe.duration);
  context.record(endpoints.dns, labels, probe.dns);
  context.record(endpoints.ipProtocol, labels, probe.ipProtocol);
  if (shown !== undefined) recordShown(keeper, shown, { endpoint, context });
}

function recordShown(
  keeper: Keeper,
  { tls, judgement }: NonNullable<EndpointState["shown"]>,
  { endpoint, context }: { readonly endpoint: EndpointState["endpoint"]; readonly context: CollectContext },
): void {
  const labels = { endpoint: endpoint.name };
  context.record(endpoints.earliestExpiry, labels, Math.min(...tls.served.map(({ notAfter }) => notAfter)));
  context.record(endpoints.lastChainExpiry, labels, judgement.chainExpiry);
  context.record(endpoints.tlsVersion, { ...labels, version: tls.version }, 1);
  context.record(endpoints.tlsCipher, { ...labels, cipher: tls.cipher }, 1);
  const [leaf] = tls.served;
  if (leaf === undefined) return;
  context.record(endpoints.lastChainInfo, { ...labels, ...leafTexts(leaf) }, 1);
  const stored = servedIsStored(endpoint, leaf, keeper.bundles);
  const checks: readonly CheckResult[] = [
    ...judgement.checks,
    ...keeper.authorities.checks(leaf),
    ...(stored === undefined ? [] : [stored.result]),
  ];
  for (const { check, ok, reason } of checks) context.record(endpoints.check, { ...labels, check, reason }, ok);
}

/** As blackbox_exporter writes them: https://github.com/prometheus/blackbox_exporter/blob/master/prober/tls.go */
const leafTexts = (leaf: Certificate) => ({
  fingerprint_sha256: leaf.fingerprint,
  subject: nameText(leaf.subjectDer),
  issuer: nameText(leaf.issuerDer),
  subjectalternative: leaf.dnsNames.join(","),
  serialnumber: hexSerial(leaf.serialNumber),
});
