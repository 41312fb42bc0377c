/** What an expression gives. */
export type PromqlType = "scalar" | "vector" | "range" | "text";

/** Arguments of a function: those that it needs, and how many more of the last kind may follow. */
export interface Signature {
  readonly needs: readonly PromqlType[];
  readonly more: { readonly type: PromqlType; readonly most: number } | undefined;
}

const KINDS: Readonly<Record<string, PromqlType>> = { s: "scalar", v: "vector", r: "range", t: "text" };

/**
 * Letters of the arguments, `?` after one that may be left out and `*` after one that may be there any number of times.
 */
const WRITTEN: Readonly<Record<string, string>> = {
  "": "pi time",
  v: `abs absent acos acosh asin asinh atan atanh ceil cos cosh deg exp floor histogram_avg histogram_count
    histogram_stddev histogram_stdvar histogram_sum ln log10 log2 rad scalar sgn sin sinh sort sort_desc sqrt tan tanh
    timestamp`,
  r: `absent_over_time avg_over_time changes count_over_time delta deriv first_over_time idelta increase irate
    last_over_time mad_over_time max_over_time min_over_time present_over_time rate resets stddev_over_time
    stdvar_over_time sum_over_time ts_of_first_over_time ts_of_last_over_time ts_of_max_over_time ts_of_min_over_time`,
  s: "vector",
  "v?": "day_of_month day_of_week day_of_year days_in_month hour minute month year",
  "vs?": "round",
  vs: "clamp_max clamp_min",
  vss: "clamp",
  sv: "histogram_quantile",
  ssv: "histogram_fraction",
  sr: "quantile_over_time",
  rs: "predict_linear",
  rss: "double_exponential_smoothing",
  vtttt: "label_replace",
  "vttt*": "label_join",
  "vt*": "sort_by_label sort_by_label_desc",
};

/**
 * The functions of PromQL, those that are experimental among them.
 * Source: https://prometheus.io/docs/prometheus/latest/querying/functions/
 */
export const SIGNATURES: ReadonlyMap<string, Signature> = new Map(
  Object.entries(WRITTEN).flatMap(([form, names]) =>
    names.split(/\s+/).map((name): [string, Signature] => [name, signatureOf(form)]),
  ),
);

function signatureOf(form: string): Signature {
  const [, letters = "", mark] = /^(\w*?)(?:\w([?*]))?$/.exec(form) ?? [];
  const last = KINDS[form.slice(letters.length, letters.length + 1)];
  const more = mark === undefined || last === undefined ? undefined : { type: last, most: mark === "*" ? Infinity : 1 };
  return { needs: [...letters].flatMap((letter) => KINDS[letter] ?? []), more };
}

/** The functions that give one number; all others give series. */
export const SCALAR_FUNCTIONS: ReadonlySet<string> = new Set(["pi", "scalar", "time"]);

/** What an aggregation takes before its series; nothing for the others. */
export const AGGREGATE_PARAMETERS: ReadonlyMap<string, PromqlType> = new Map([
  ["bottomk", "scalar"],
  ["count_values", "text"],
  ["limit_ratio", "scalar"],
  ["limitk", "scalar"],
  ["quantile", "scalar"],
  ["topk", "scalar"],
]);
