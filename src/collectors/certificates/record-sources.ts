import { CollectError } from "../../core/errors.ts";
import type { CollectContext } from "../../core/pack.ts";
import { FORMAT_FAULTS, type FormatFault } from "./certificate.ts";
import type { ManagedCertificate } from "./inventory.ts";
import type { SourceState } from "./keeper.ts";
import { certificates as metrics } from "./metrics.ts";

/** Records how the sources are, what they lack, and what cert-manager says of its own. */
export function recordSources(sources: readonly SourceState[], context: CollectContext): void {
  for (const { source, up, error, reading, errorCounts } of sources) {
    const labels = { source_kind: source.kind, source_name: source.name };
    context.record(metrics.sourceUp, labels, up);
    context.record(metrics.sourceBundles, labels, countBundles(reading));
    for (const [reason, count] of errorCounts) context.record(metrics.sourceErrors, { ...labels, reason }, count);
    if (error !== undefined) context.missing(source.name, error);
    for (const missing of reading?.missing ?? []) context.missing(missing.piece, missing.error);
    for (const { where, faults } of reading?.bundles ?? [])
      if (faults.length > 0) context.missing(where, unreadable(where, faults));
    for (const managed of reading?.managed ?? []) recordManaged(managed, source.name, context);
  }
}

/** Of a source of which no piece could be read nobody knows how many there are. */
function countBundles(reading: SourceState["reading"]): number | undefined {
  if (reading === undefined || (reading.bundles.length === 0 && reading.missing.length > 0)) return undefined;
  return reading.bundles.length;
}

/** A file may have thousands of faults, and the message is shown and logged. */
const MOST_TOLD = 5;

function unreadable(where: string, faults: readonly FormatFault[]): CollectError {
  const told = faults.slice(0, MOST_TOLD).map(({ reason, detail }) => `${detail} (${FORMAT_FAULTS[reason]})`);
  const more = faults.length > MOST_TOLD ? `; and ${faults.length - MOST_TOLD} more` : "";
  return new CollectError("file_unreadable", `${where}: ${told.join("; ")}${more}`);
}

function recordManaged(of: ManagedCertificate, source_name: string, context: CollectContext): void {
  const labels = {
    source_name,
    name: of.name,
    namespace: of.namespace,
    issuer_name: of.issuerName,
    issuer_kind: of.issuerKind,
  };
  const condition = of.ready === undefined ? "Unknown" : of.ready ? "True" : "False";
  for (const each of ["True", "False", "Unknown"])
    context.record(metrics.managedReady, { ...labels, condition: each }, each === condition);
  context.record(metrics.managedExpiry, labels, of.notAfter);
  context.record(metrics.managedRenewal, labels, of.renewalTime);
  context.record(metrics.managedFailures, labels, of.failedAttempts);
}
