import type { Config } from "../../config/schema.ts";
import { asCollectError } from "../../core/errors.ts";
import { openSources, type SourceFindings } from "./open-sources.ts";

/** Looks whether each source of evidence can be read, and what is missing of it; nothing without a section `evidence`. */
export async function checkEvidence(
  { evidence, prometheus }: Pick<Config, "evidence" | "prometheus">,
  signal: AbortSignal,
): Promise<readonly SourceFindings[]> {
  if (evidence === undefined) return [];
  try {
    const sources = await openSources({
      evidence,
      prometheus: evidence.prometheus ?? prometheus,
      inhibitions: [],
      store: undefined,
    });
    try {
      return await sources.check(signal);
    } finally {
      await sources.close();
    }
  } catch (thrown) {
    const { reason, message } = asCollectError(thrown);
    return [
      { source: "evidence", findings: [{ subject: "configuration", ok: false, message: `${reason}: ${message}` }] },
    ];
  }
}
