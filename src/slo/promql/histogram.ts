/**
 * A matcher of the label `le` for a bucket's bound in all spellings that servers and clients give it: Prometheus 3
 * writes 1 as `1.0`, older ones as `1`. Source:
 * https://prometheus.io/docs/prometheus/latest/migration/#le-and-quantile-label-values
 */
export function bucketMatcher(bound: number): string {
  const [first, ...others] = spellings(bound);
  if (others.length === 0) return `le="${first}"`;
  return `le=~"${[first, ...others].map((text) => text?.replace(/[.+]/g, "[$&]")).join("|")}"`;
}

function spellings(bound: number): string[] {
  const texts = [String(bound), goText(bound)];
  return [...new Set(texts.flatMap((text) => (/^\d+$/.test(text) ? [text, `${text}.0`] : [text])))];
}

/** As Go prints the shortest text of a number. Source: https://pkg.go.dev/strconv#FormatFloat, format `g` */
function goText(value: number): string {
  const [digits = "", exponent = "0"] = value.toExponential().split("e");
  const power = Number(exponent);
  if (power >= -4 && power < 6) return String(value);
  return `${digits}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}

/** A selector with one more matcher; `selector` is `{...}` or empty. */
export function withMatcher(metric: string, selector: string, matcher: string): string {
  const inner = selector.replace(/^\{\s*|\s*,?\s*\}$/g, "");
  return `${metric}{${inner === "" ? "" : `${inner},`}${matcher}}`;
}
