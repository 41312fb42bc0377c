import { z } from "zod";
import { minutes } from "../../core/duration.ts";
import { LOG_FIELDS, type ElasticsearchConfig, type LogField } from "../../core/evidence-config.ts";
import { failedFinding } from "../../core/finding.ts";
import type { Finding } from "../../core/pack.ts";
import { inWords, moment } from "../../lib/times.ts";
import { searchNotes } from "./answers.ts";
import { searchIndices } from "./search.ts";
import { openClient, type Elasticsearch } from "./client.ts";
import { RefusedError } from "./errors.ts";
import { WITHOUT } from "./field-names.ts";
import { toMillis } from "./lines.ts";
import { readProfile, type Profile, type ProfileField } from "./profile.ts";

const info = z.object({ version: z.object({ number: z.string() }) });

/** Clocks may differ by so much. */
const CLOCKS = minutes(5);

/** Looks whether each node answers, whether the lines may be read, and what is not seen for want of a field. */
export async function checkElasticsearch(
  elasticsearch: Elasticsearch,
  config: ElasticsearchConfig,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const nodes = await Promise.all(config.nodes.map((node) => checkNode(config, node, signal)));
  return [...nodes, ...(await checkIndices(elasticsearch, config, signal))];
}

async function checkNode(config: ElasticsearchConfig, node: string, signal: AbortSignal): Promise<Finding> {
  const subject = `node ${node}`;
  try {
    const one = await openClient({ ...config, nodes: [node] });
    try {
      const { answer } = await one.ask(
        { purpose: "version", shape: info, call: (client, options) => client.info({}, options) },
        signal,
      );
      return { subject, ok: true, message: `reachable, Elasticsearch ${answer.version.number}` };
    } finally {
      await one.close();
    }
  } catch (thrown) {
    // who may read logs need not be allowed to ask for the version
    if (thrown instanceof RefusedError && thrown.reason === "forbidden")
      return { subject, ok: true, message: "reachable; its version is told only with the cluster privilege `monitor`" };
    return failedFinding(subject, thrown);
  }
}

async function checkIndices(
  elasticsearch: Elasticsearch,
  config: ElasticsearchConfig,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const subject = `indices ${config.indices.join(", ")}`;
  try {
    const profile = await readProfile(elasticsearch, config, signal);
    if (profile.indices === 0)
      return [
        {
          subject,
          ok: false,
          message: "no index matches, or none may be seen: no line is read (see `evidence.elasticsearch.indices`)",
        },
      ];
    const message = `${profile.indices} ${profile.indices === 1 ? "index matches" : "indices match"}`;
    const fields = LOG_FIELDS.map((meaning) => checkField(meaning, profile, config));
    const mixed = profile.notes.filter((note) => note.includes("different types") || note.includes("their lines"));
    return [
      { subject, ok: true, message },
      ...fields,
      ...mixed.map((note) => ({ subject: "mappings", ok: false, message: note })),
      await checkNewest(elasticsearch, config, profile, signal),
    ];
  } catch (thrown) {
    return [failedFinding(subject, thrown)];
  }
}

function checkField(meaning: LogField, profile: Profile, { fields }: ElasticsearchConfig): Finding {
  const subject = `field for the ${meaning}`;
  const found = profile[meaning];
  if (found.length > 0) return { subject, ok: true, message: found.map(described).join(", ") };
  const configured = fields[meaning];
  const hint = `set \`evidence.elasticsearch.fields.${meaning}\` if one has another name`;
  const what =
    configured === undefined
      ? `none is known in these indices; ${hint}`
      : `no index has \`${configured}\` in a usable type`;
  return {
    subject,
    ok: configured === undefined && !isNeeded(meaning, profile),
    message: `${what}: ${WITHOUT[meaning]}`,
  };
}

const described = ({ name, kind, term }: ProfileField): string =>
  `\`${name}\` (${kind === "text" && term === undefined ? "text, found by its words" : kind})`;

/** Of what tells whose line it is, one is enough; OpenTelemetry's number tells the level too. */
function isNeeded(meaning: LogField, profile: Profile): boolean {
  if (meaning === "level") return profile.severityNumber === undefined;
  if (meaning === "service") return profile.pod.length + profile.host.length === 0;
  return meaning === "timestamp" || meaning === "message";
}

/**
 * The newest line shows that lines may be read, that some still come, and that the clocks of those who write them are
 * right.
 */
async function checkNewest(
  elasticsearch: Elasticsearch,
  { indices }: ElasticsearchConfig,
  profile: Profile,
  signal: AbortSignal,
): Promise<Finding> {
  const subject = "newest line";
  const time = profile.timestamp[0]?.name;
  if (time === undefined) return { subject, ok: false, message: `not known: ${WITHOUT.timestamp}` };
  try {
    const { answer } = await searchIndices(
      elasticsearch,
      {
        purpose: subject,
        indices,
        size: 1,
        query: { exists: { field: time } },
        sort: [{ [time]: { order: "desc", unmapped_type: "date" } }],
        fields: [{ field: time, format: "strict_date_optional_time_nanos" }],
        _source: false,
      },
      signal,
    );
    const at = toMillis(answer.hits.hits[0]?.fields?.get(time)?.[0]);
    const finding = at === undefined ? { ok: true, message: "there is none yet" } : judged(at);
    const notes = searchNotes(answer, "read in part");
    return notes.length === 0
      ? { subject, ...finding }
      : { subject, ok: false, message: [finding.message, ...notes].join("; ") };
  } catch (thrown) {
    return failedFinding(subject, thrown);
  }
}

function judged(at: number): Pick<Finding, "ok" | "message"> {
  const ahead = at - Date.now();
  if (ahead <= CLOCKS) return { ok: true, message: `of ${moment(at)}, ${inWords(Math.max(0, -ahead))} ago` };
  return {
    ok: false,
    message: `of ${moment(at)}, ${inWords(ahead)} ahead of this machine's clock: one of the clocks is wrong, and lines are looked for at the wrong time`,
  };
}
