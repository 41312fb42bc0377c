import { TempoError } from "./errors.ts";
import type { StoredTrace } from "./trace.ts";
import { readValue } from "./traceql/fields.ts";
import type { OtlpAttribute } from "./otlp.ts";

/** Reads the logfmt of `tags=`. */
export function readTags(text: string): readonly OtlpAttribute[] {
  const tags: OtlpAttribute[] = [];
  let at = 0;
  while (at < text.length) {
    const [whole = "", key = "", quoted, bare = ""] =
      /^\s*([^\s=]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s"]*))/v.exec(text.slice(at)) ?? [];
    if (whole === "") {
      if (text.slice(at).trim() === "") break;
      throw new TempoError(400, `invalid tags: unterminated quoted value at pos ${text.length + 1}`);
    }
    tags.push({ key, value: { stringValue: quoted ?? bare } });
    at += whole.length;
    if (text.startsWith('"', at))
      throw new TempoError(400, `invalid tags: unterminated quoted value at pos ${text.length + 1}`);
  }
  return tags;
}

/** Whether each tag is somewhere in the trace, its value as a part of an attribute's. */
export function holdsTags(trace: StoredTrace, tags: readonly OtlpAttribute[]): boolean {
  return tags.every(({ key, value }) => {
    const wanted = value.stringValue ?? "";
    return trace.spans.some(({ span, resource }) => {
      if (key === "name") return span.name.includes(wanted);
      return [...span.attributes, ...resource.attributes].some(
        (attribute) =>
          attribute.key === key && readValue(attribute.value).some(({ value }) => String(value).includes(wanted)),
      );
    });
  });
}
