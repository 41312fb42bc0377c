import type { Bundle } from "../../core/evidence.ts";
import { inSpan } from "../../lib/tracing.ts";
import type { RerunBundle } from "./desk.ts";

/** What a bundle is made about, and what caused it. */
interface Cause {
  readonly about: "alert" | "labels" | "group" | "rerun";
  /** Of the notification that the group came with. */
  readonly traceparent?: string | undefined;
  /** Nobody asked for it: it belongs to no request that happens to be under way. */
  readonly isRoot?: boolean;
}

const bundleOf = (made: Bundle | RerunBundle | undefined): Bundle | undefined =>
  made !== undefined && "bundle" in made ? made.bundle : made;

/** Runs the making of a bundle within a span, which tells the bundle's id and what was found where. */
export function inBundleSpan<T extends Bundle | RerunBundle | undefined>(
  { about, ...cause }: Cause,
  make: () => Promise<T>,
): Promise<T> {
  return inSpan("evidence", { attributes: { "watchkeeper.about": about }, ...cause }, async (span) => {
    const made = await make();
    const bundle = bundleOf(made);
    if (bundle !== undefined) {
      span.setAttribute("watchkeeper.bundle", bundle.id);
      for (const { signal, verdict } of bundle.reports) span.setAttribute(`watchkeeper.verdict.${signal}`, verdict);
    }
    return made;
  });
}
