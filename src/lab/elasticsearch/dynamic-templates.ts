import { mapping as refused } from "./field-types.ts";
import { isObject, listOf, wildcard, type Json, type JsonObject, say } from "./json.ts";

/** How fields are mapped that no mapping knows. */
export interface DynamicTemplate {
  /** `kind` is what JSON tells of the value: string, long, double, boolean, date. */
  fits(path: string, kind: string): boolean;
  /** What the field is declared as; `guessed` is what it would be without the template. */
  mappingOf(guessed: JsonObject): JsonObject;
}

const KNOWN = new Set(["match_mapping_type", "match", "unmatch", "path_match", "path_unmatch", "mapping"]);

/** Reads `dynamic_templates`. */
export function readDynamicTemplates(list: readonly Json[]): readonly DynamicTemplate[] {
  return list
    .filter(isObject)
    .flatMap((each) => Object.entries(each).map(([name, template]) => readTemplate(name, template)));
}

function readTemplate(name: string, template: Json): DynamicTemplate {
  if (!isObject(template)) throw refused(`A dynamic template must be defined with a name`);
  for (const key of Object.keys(template))
    if (!KNOWN.has(key)) throw refused(`Illegal dynamic template parameter: [${key}] of [${name}]`);
  const kinds = listOf(template["match_mapping_type"]).map(String);
  const [match, unmatch, pathMatch, pathUnmatch] = ["match", "unmatch", "path_match", "path_unmatch"].map((key) =>
    listOf(template[key]).map((pattern) => wildcard(say(pattern))),
  );
  const declared = template["mapping"];
  const last = (path: string): string => path.slice(path.lastIndexOf(".") + 1);
  const oneOf = (tests: readonly ((text: string) => boolean)[] = [], text: string): boolean =>
    tests.some((test) => test(text));
  return {
    fits: (path, kind) =>
      (kinds.length === 0 || kinds.includes(kind) || kinds.includes("*")) &&
      (match?.length === 0 || oneOf(match, last(path))) &&
      (pathMatch?.length === 0 || oneOf(pathMatch, path)) &&
      !oneOf(unmatch, last(path)) &&
      !oneOf(pathUnmatch, path),
    mappingOf: (guessed) => {
      const mapping = isObject(declared) ? declared : {};
      const type = mapping["type"] ?? guessed["type"];
      return { ...mapping, type: type === "{dynamic_type}" ? (guessed["type"] ?? "keyword") : (type ?? "keyword") };
    },
  };
}
