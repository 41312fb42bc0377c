import { ENDPOINT_CHECKS, type EndpointCheck } from "../checks.ts";

/** Template text: the certificate's name where it has one, and a space; not every certificate has a common name. */
export const NAME = "{{ with $labels.subject_CN }}{{ . }} {{ end }}";

/** Template text: the authority's common name, or its organisation. */
export const AUTHORITY = "{{ with $labels.subject_CN }}{{ . }}{{ else }}{{ $labels.subject_O }}{{ end }}";

/** Template text: why the checks failed, in the words of their table. */
export function reasonOf(...checks: readonly [EndpointCheck, ...EndpointCheck[]]): string {
  const reasons = new Map(checks.flatMap((check) => Object.entries<string>(ENDPOINT_CHECKS[check].reasons)));
  const cases = [...reasons].map(
    ([reason, words], i) => `{{ ${i === 0 ? "" : "else "}if eq $labels.reason "${reason}" }}${words}`,
  );
  return `${cases.join("")}{{ else }}{{ $labels.reason }}{{ end }}`;
}
