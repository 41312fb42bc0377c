import type { ElasticsearchConfig, LogField } from "../../core/evidence-config.ts";
import { LOG_FIELDS } from "../../core/evidence-config.ts";
import type { StoredQuery } from "../../core/telemetry.ts";
import { readCapabilities, some, type Capabilities, type FieldCapability } from "./capabilities.ts";
import type { Elasticsearch } from "./client.ts";
import { KNOWN_NAMES, SEVERITY_NUMBERS, WITHOUT } from "./field-names.ts";

/** A field of the indices and how it can be asked. */
export interface ProfileField {
  readonly name: string;
  /** `mixed` where indices differ in its type. */
  readonly kind: "keyword" | "text" | "number" | "date" | "mixed";
  /** The name for whole values: its own, or that of its keyword sub-field; absent where only words are found. */
  readonly term: string | undefined;
}

/** Which fields mean what. Each list may be empty; more than one where indices name it differently. */
export interface Profile extends Readonly<Record<LogField, readonly ProfileField[]>> {
  readonly severityNumber: string | undefined;
  /** How many indices there are. */
  readonly indices: number;
  readonly notes: readonly string[];
  readonly query: StoredQuery;
}

/** Finds out which field means what: as configured, else by its usual name. Rejects with `CollectError`. */
export async function readProfile(
  elasticsearch: Elasticsearch,
  { indices, fields }: Pick<ElasticsearchConfig, "indices" | "fields">,
  signal: AbortSignal,
): Promise<Profile> {
  const wanted = [...LOG_FIELDS.flatMap((meaning) => namesOf(meaning, fields)), ...SEVERITY_NUMBERS];
  const names = [...new Set(wanted.flatMap((name) => [name, keywordOf(name)]))];
  const found = await readCapabilities(elasticsearch, indices, { names, unmapped: true }, signal);
  const byMeaning = Object.fromEntries(
    LOG_FIELDS.map((meaning) => [meaning, resolve(meaning, namesOf(meaning, fields), found)]),
  ) as Record<LogField, readonly ProfileField[]>;
  return {
    ...byMeaning,
    severityNumber: severityOf(found.fields),
    indices: found.indices.length,
    notes: found.indices.length === 0 ? [noIndex(indices)] : [...found.notes, ...notesOn(byMeaning, fields, found)],
    query: found.query,
  };
}

const severityOf = (fields: Capabilities["fields"]): string | undefined =>
  SEVERITY_NUMBERS.find((name) => kindOf(fields.get(name)) === "number");

/** Without these a reading lacks something whatever is asked. */
const NEEDED: ReadonlySet<LogField> = new Set<LogField>(["timestamp", "message", "level"]);

/** What is said when the patterns match nothing. */
export const noIndex = (indices: readonly string[]): string =>
  `no index matches ${indices.join(", ")} (\`evidence.elasticsearch.indices\`), or the credential may see none: it needs the index privilege \`read\``;

const namesOf = (meaning: LogField, configured: ElasticsearchConfig["fields"]): readonly string[] => {
  const name = configured[meaning];
  return name === undefined ? KNOWN_NAMES[meaning] : [name];
};

const keywordOf = (name: string): string => `${name}.keyword`;

/** The fields of a meaning: another name counts only where indices lack those before it. */
function resolve(meaning: LogField, names: readonly string[], { fields }: Capabilities): readonly ProfileField[] {
  const chosen: ProfileField[] = [];
  let uncovered: ReadonlySet<string> | undefined;
  for (const name of names) {
    const capability = fields.get(name);
    const kind = kindOf(capability);
    if (capability === undefined || kind === undefined || !suits(meaning, kind, capability)) continue;
    // a message is read, not searched
    if (!capability.searchable && meaning !== "message") continue;
    const missing = new Set(capability.missing);
    const before = uncovered;
    const rest = before === undefined ? missing : new Set([...missing].filter((index) => before.has(index)));
    // a node's name is a host's name too, in the same lines
    const isNew = uncovered === undefined || rest.size < uncovered.size || meaning === "host";
    uncovered = rest;
    if (isNew) chosen.push({ name, kind, term: termOf(name, kind, fields) });
  }
  return chosen;
}

function suits(meaning: LogField, kind: ProfileField["kind"], { types }: FieldCapability): boolean {
  // where indices differ, those in which it is no date fail on their own, and are told
  if (meaning === "timestamp") return types.some((type) => KINDS[type] === "date");
  return kind !== "date" && (meaning === "level" || kind !== "number");
}

function termOf(name: string, kind: ProfileField["kind"], fields: Capabilities["fields"]): string | undefined {
  if (kind === "keyword") return name;
  const keyword = keywordOf(name);
  return kind === "text" && kindOf(fields.get(keyword)) === "keyword" ? keyword : undefined;
}

const NUMBERS = new Set([
  "long",
  "integer",
  "short",
  "byte",
  "double",
  "float",
  "half_float",
  "scaled_float",
  "unsigned_long",
]);
const KINDS: Readonly<Record<string, ProfileField["kind"]>> = {
  keyword: "keyword",
  constant_keyword: "keyword",
  wildcard: "keyword",
  ip: "keyword",
  text: "text",
  match_only_text: "text",
  date: "date",
  date_nanos: "date",
  ...Object.fromEntries([...NUMBERS].map((type) => [type, "number" as const])),
};

function kindOf(field: FieldCapability | undefined): ProfileField["kind"] | undefined {
  const kinds = new Set((field?.types ?? []).flatMap((type) => KINDS[type] ?? []));
  const [first] = kinds;
  return kinds.size > 1 ? "mixed" : first;
}

function notesOn(
  byMeaning: Readonly<Record<LogField, readonly ProfileField[]>>,
  configured: ElasticsearchConfig["fields"],
  { fields, indices }: Capabilities,
): readonly string[] {
  const absent = LOG_FIELDS.flatMap((meaning) => {
    if (byMeaning[meaning].length > 0) return [];
    const name = configured[meaning];
    if (name !== undefined)
      return [
        `no index has a usable field \`${name}\` (\`evidence.elasticsearch.fields.${meaning}\`): ${WITHOUT[meaning]}`,
      ];
    // of the others it is told when they are asked for
    const isTold = NEEDED.has(meaning) && !(meaning === "level" && severityOf(fields) !== undefined);
    return isTold ? [`no index has a field for the ${meaning}: ${WITHOUT[meaning]}`] : [];
  });
  const used = LOG_FIELDS.flatMap((meaning) => byMeaning[meaning]);
  const mixed = used.flatMap(({ name, kind }) => {
    const counts = Object.entries(fields.get(name)?.counts ?? {});
    if (kind !== "mixed") return [];
    return [
      `\`${name}\` is of different types, so that lines may be missed: ${counts.map(([type, n]) => `${type} in ${n}`).join(", ")} indices`,
    ];
  });
  const [time] = byMeaning.timestamp;
  const timeless = time === undefined ? [] : (fields.get(time.name)?.missing ?? []);
  return [
    ...absent,
    ...mixed,
    ...(timeless.length === 0
      ? []
      : [
          `${timeless.length} of ${indices.length} indices have no \`${time?.name}\`, their lines are not seen: ${some(timeless)}`,
        ]),
  ];
}
