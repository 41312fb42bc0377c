import type { Config } from "../../config/schema.ts";
import { asCollectError } from "../../core/errors.ts";
import { openSources, type SourceFindings } from "./open-sources.ts";

/** What is allowed of the section `evidence` but hardly meant. */
export function evidenceWarnings({ evidence, prometheus }: Pick<Config, "evidence" | "prometheus">): readonly string[] {
  if (evidence === undefined) return [];
  const { elasticsearch, traces } = evidence;
  if ([elasticsearch, traces, evidence.prometheus ?? prometheus].some((source) => source !== undefined)) return [];
  return [
    "evidence names no source, so nothing is found but changes that are told: add elasticsearch, traces or prometheus to it, or take the section away",
  ];
}

/**
 * Looks whether each source of evidence can be read, and what is missing of it; nothing without a section `evidence`.
 */
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
