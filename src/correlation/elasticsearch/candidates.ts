import type { Capabilities, FieldCapability } from "./capabilities.ts";
import { KNOWN_NAMES } from "./field-names.ts";
import type { Profile } from "./profile.ts";

/** Most fields whose values are compared. */
const MOST_FIELDS = 40;

/** Types whose values can be counted one by one. */
const KEYWORDS: ReadonlySet<string> = new Set(["keyword", "constant_keyword", "wildcard", "boolean", "ip"]);
const WHOLE_NUMBERS: ReadonlySet<string> = new Set(["long", "integer", "short", "byte"]);

/** Numbers and the like that mark one document, or a moment. */
const IS_ID =
  /(^|[._\-/])(u?id|uuid|guid|hash|checksum|digest|token|session|mac|offset|timestamp|time|date|stack_?trace|stacktrace|message|body|sequence|seq|ip|address|port|pid)s?$/i;
const IS_CAMEL_ID = /[a-z](Id|ID|Uuid|UUID|Hash)$/;
/** What collectors write about themselves. */
const IS_OWN =
  /^(_|agent\.|ecs\.|elastic_agent\.|event\.(id|ingested|created|original)|data_stream\.|input\.|observed|fleet\.|host\.(id|mac|os\.|containerized|architecture)|log\.offset|scope\.|@)/;

/** What lines are chosen by, or what marks one of them. */
const NOT_COMPARED = ["timestamp", "message", "level", "trace", "span"] as const;

/** What most often tells a cause, the best first. */
const MEANINGS: readonly RegExp[] = [
  /(service|image|app|build|release|deployment).*\.?(version|tag)$|(^|[._])version$|pod-template-hash$/i,
  /(error|exception)[._]?(type|class|code|name)$|exception$/i,
  /pod[._]?name$|(^|\.)pod$/i,
  /(host|node)[._]?name$|^host$|^node$/i,
  /status[._]?code$|response[._]code$|(^|[._])status$/i,
  /endpoint$|route$|url[._]path$|http[._]target$|operation$|(^|[._])path$/i,
  /region$|zone$|datacenter$/i,
  /container[._]?name$|deployment[._]?name$|workload$|image[._]name$/i,
  /service[._]?name$|(^|[._])service$|namespace/i,
  /method$|logger$|tenant$|customer$|user[._]agent|upstream|peer|database|queue|topic/i,
];

/** Fields whose values are worth comparing, the most telling first: no ids, no texts, no measured numbers. */
export function chooseCandidates({ fields }: Capabilities, profile: Profile): readonly FieldCapability[] {
  const used = new Set(
    NOT_COMPARED.flatMap((meaning) => [...KNOWN_NAMES[meaning], ...profile[meaning].map(({ name }) => name)]).flatMap(
      (name) => [name, `${name}.keyword`],
    ),
  );
  const nested = [...fields.values()].filter(({ types }) => types.includes("nested")).map(({ name }) => `${name}.`);
  return [...fields.values()]
    .filter((field) => isCountable(field) && !used.has(field.name))
    .filter(({ name }) => !nested.some((prefix) => name.startsWith(prefix)) && !isNoise(name))
    .map((field) => ({ field, rank: rankOf(field.name) }))
    .toSorted(
      (a, b) => a.rank - b.rank || a.field.name.length - b.field.name.length || (a.field.name < b.field.name ? -1 : 1),
    )
    .slice(0, MOST_FIELDS)
    .map(({ field }) => field);
}

function isCountable({ types, searchable, aggregatable, isMetadata, name }: FieldCapability): boolean {
  if (isMetadata || !searchable || !aggregatable || types.length !== 1) return false;
  const [type = ""] = types;
  return (
    KEYWORDS.has(type) || (WHOLE_NUMBERS.has(type) && /(status|response|error|exit)[._]?code$|status$/i.test(name))
  );
}

function isNoise(name: string): boolean {
  const plain = name.replace(/\.keyword$/, "");
  if (plain.endsWith("pod-template-hash")) return false;
  return IS_ID.test(plain) || IS_CAMEL_ID.test(plain) || IS_OWN.test(plain);
}

function rankOf(name: string): number {
  const plain = name.replace(/\.keyword$/, "");
  const rank = MEANINGS.findIndex((meaning) => meaning.test(plain));
  return rank < 0 ? MEANINGS.length : rank;
}
