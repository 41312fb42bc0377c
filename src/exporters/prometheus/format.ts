import { MIMEType } from "node:util";

/** The two text formats that Prometheus reads. */
export type Format = "text" | "openmetrics";

/**
 * The `Content-Type` of each format, as their specifications write it.
 * Sources: https://prometheus.io/docs/instrumenting/exposition_formats/,
 * https://prometheus.io/docs/specs/om/open_metrics_spec/#overall-structure
 */
export const CONTENT_TYPES: Readonly<Record<Format, string>> = {
  text: "text/plain; version=0.0.4; charset=utf-8",
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
};

interface Wish {
  readonly format: Format;
  readonly quality: number;
}

/**
 * The format that an `Accept` header likes best: OpenMetrics only when it is asked for by name and version, the text
 * format in every other case, also when nothing fits, because a reader of metrics can do more with text than with 406.
 */
export function negotiateFormat(accept: string | undefined): Format {
  if (accept === undefined) return "text";
  const wishes = accept.split(",").flatMap(readWish);
  const best = wishes.reduce<Wish | undefined>(
    (found, wish) => (found === undefined || wish.quality > found.quality ? wish : found),
    undefined,
  );
  return best?.format ?? "text";
}

function readWish(range: string): Wish[] {
  const type = readMediaRange(range);
  const format = type && formatOf(type);
  const quality = Number(type?.params.get("q") ?? 1);
  return format !== undefined && quality > 0 ? [{ format, quality }] : [];
}

function readMediaRange(range: string): MIMEType | undefined {
  try {
    return new MIMEType(range.trim());
  } catch {
    return undefined;
  }
}

function formatOf({ essence, params }: MIMEType): Format | undefined {
  const version = params.get("version");
  if (essence === "application/openmetrics-text") {
    return version === "1.0.0" || version === "0.0.1" ? "openmetrics" : undefined;
  }
  if (essence === "text/plain") return version === null || version === "0.0.4" ? "text" : undefined;
  return essence === "text/*" || essence === "*/*" ? "text" : undefined;
}
