import { z } from "zod";
import type { ManagedCertificate } from "../../inventory.ts";
import type { Contents } from "./contents.ts";

/**
 * A moment as Kubernetes writes it, in Unix seconds; unknown where it is not there, no date or the zero of Go's clock.
 */
const moment = z
  .string()
  .nullish()
  .transform((text): number | undefined => {
    const seconds = Date.parse(text ?? "") / 1_000;
    return seconds > 0 ? seconds : undefined;
  });

const condition = z.object({ type: z.string(), status: z.string(), reason: z.string().nullish() });

/** Source: https://cert-manager.io/docs/reference/api-docs/#cert-manager.io/v1.CertificateStatus */
const shape = z.object({
  metadata: z.object({ name: z.string(), namespace: z.string() }),
  spec: z.object({
    secretName: z.string().default(""),
    issuerRef: z.object({ name: z.string(), kind: z.string().default("") }),
  }),
  status: z
    .object({
      conditions: z.array(condition).nullish(),
      notAfter: moment,
      renewalTime: moment,
      failedIssuanceAttempts: z.number().nullish(),
    })
    .nullish(),
});

/** cert-manager's own default. */
const DEFAULT_ISSUER_KIND = "Issuer";

/** What cert-manager says of one Certificate. */
export function readManaged(object: unknown): Contents | undefined {
  const read = shape.safeParse(object);
  if (!read.success) return undefined;
  const { metadata, spec, status } = read.data;
  const ready = status?.conditions?.find(({ type }) => type === "Ready");
  const managed: ManagedCertificate = {
    ...metadata,
    ...readyOf(ready?.status),
    reason: ready?.reason ?? "",
    ...(status?.notAfter !== undefined && { notAfter: status.notAfter }),
    ...(status?.renewalTime !== undefined && { renewalTime: status.renewalTime }),
    failedAttempts: status?.failedIssuanceAttempts ?? 0,
    issuerName: spec.issuerRef.name,
    issuerKind: spec.issuerRef.kind || DEFAULT_ISSUER_KIND,
  };
  return { bundles: [], managed, managedSecret: `${metadata.namespace}/${spec.secretName}` };
}

function readyOf(status: string | undefined): { ready?: boolean } {
  return status === "True" ? { ready: true } : status === "False" ? { ready: false } : {};
}
