import type { Spec } from "./store.ts";

/**
 * A content as unified storage gives it back: keys in another order, what is null or empty left out, defaults filled
 * in, and written for the newest schema.
 */
export function asStored(spec: Spec, isTyped: boolean): Spec {
  const defaults = isTyped
    ? { liveNow: false, preload: false }
    : { fiscalYearStartMonth: 0, weekStart: "", schemaVersion: 42, preload: false };
  return turned({ ...defaults, ...compact(spec), ...(isTyped ? {} : { schemaVersion: 42 }) });
}

function compact(value: Spec): Spec {
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, each]): [string, unknown][] => {
      const inner = inside(each);
      return inner === null || (Array.isArray(inner) && inner.length === 0) ? [] : [[key, inner]];
    }),
  );
}

function inside(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inside);
  if (typeof value !== "object" || value === null) return value;
  const { type } = value as Spec;
  const more = typeof type === "string" && "gridPos" in value ? { pluginVersion: "13.1.0", transparent: false } : {};
  return turned(compact({ ...more, ...value }));
}

/** The same keys, last ones first. */
const turned = (value: Spec): Spec => Object.fromEntries(Object.entries(value).toReversed());
