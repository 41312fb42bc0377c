import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { behindProxy, onlyAtPath } from "./behind-proxy.ts";
import { MATRIX_KINDS } from "./kinds.ts";
import { alertmanagerSubject } from "./sources-alertmanager.ts";
import { readingsBeside } from "./sources-beside.ts";
import { askForBundle } from "./sources-evidence.ts";
import { grafanaSubjects } from "./sources-grafana.ts";
import { EVIDENCE_KINDS, SOURCE_SECRETS, type EvidenceKind } from "./sources-kinds.ts";
import { previewSubject, sloSubject } from "./sources-prometheus.ts";
import type { MatrixSubject } from "./subject.ts";

const CORRELATION = join(import.meta.dirname, "../../../src/correlation");
const OTHERS = [alertmanagerSubject, sloSubject, previewSubject, ...grafanaSubjects];

/** Ids of all that has to have a subject: the folder of each source of evidence, and whatever else is asked. */
export async function sourceIds(): Promise<readonly string[]> {
  const files = await readdir(CORRELATION, { recursive: true });
  const evidence = files.flatMap((file) => /^([^/]+)\/source\.ts$/.exec(file)?.[1] ?? []);
  return [...new Set([...evidence, ...OTHERS.map(({ covers }) => covers.id)])];
}

/** Where only some of the requests fail, by the source: what is told then was read in part. */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  elasticsearch: ["/logs-*/_field_caps"],
  tempo: ["/api/metrics/query", "/api/search"],
  prometheus: ["/api/v1/query_range", "/api/v1/series"],
};

/** The kinds that tell how a part is missed; how each of the others is named was seen at the whole. */
const KINDS_OF_PARTS: ReadonlySet<string> = new Set([
  "hang",
  "reset",
  "html",
  "truncated_json",
  "wrong_types",
  "nulls",
  "empty_object",
  "empty_lists",
  "negative_numbers",
  "markup",
  "status_403",
  "status_500",
]);
const SKIPPED_IN_PARTS = Object.fromEntries(
  MATRIX_KINDS.filter(({ name }) => !KINDS_OF_PARTS.has(name)).map(({ name }) => [name, "seen at the whole source"]),
);

/** A login page is told as what it is: no server of this kind. */
const ALLOWED: NonNullable<MatrixSubject["allows"]> = {
  html: { reasons: ["unexpected_shape", "invalid_response", "not_found"] },
  empty_lists: {
    reasons: ["unexpected_shape", "not_found"],
    mayOnlySucceed: true,
    facts: "said",
    because: "where no index is named there is none",
  },
};

/** What fails in part is told as such, or read in another way, or something that can be done without. */
const ALLOWED_IN_PARTS = Object.fromEntries(
  MATRIX_KINDS.map(({ name, allows }) => [
    name,
    {
      reasons: [...(allows.http?.reasons ?? []), "unexpected_shape", "not_found"],
      mayOnlySucceed: true,
      facts: allows.http?.facts === "said" ? "said" : "no_new_zero",
    } as const,
  ]),
);

/** A column for each source that is asked. */
export const sourceSubjects: readonly MatrixSubject[] = [
  ...EVIDENCE_KINDS.flatMap((kind) => [
    evidenceSubject(kind),
    ...(PARTS[kind.id] ?? []).map((path) => evidenceSubject(kind, path)),
  ]),
  ...OTHERS,
];

function evidenceSubject({ id, signals, start, open, mostBytes, hugeAt }: EvidenceKind, path?: string): MatrixSubject {
  return {
    name: `source ${id}${path === undefined ? "" : ` at ${path}`}`,
    covers: { table: "sources", id },
    protocol: "http",
    mostBytes,
    allows: ALLOWED,
    ...(hugeAt !== undefined && { onlyAt: { huge_body: hugeAt } }),
    ...(path !== undefined && { allows: ALLOWED_IN_PARTS, skips: SKIPPED_IN_PARTS, onlyAt: onlyAtPath(path) }),
    open: async () => {
      const beside = await readingsBeside(signals);
      return behindProxy(await start(), id, async (reached) => {
        let opened = await open(reached);
        return {
          use: async (options) => {
            // What a source learns of its server under a fault must not stay; but an answer to another question of the
            // same form can not be told from the true one.
            if (options.kind !== undefined && options.kind.name !== "previous_answer") {
              await opened.close();
              opened = await open(reached);
            }
            const sources = { ...beside, ...opened.sources };
            return askForBundle({ signals, sources, beside, secrets: SOURCE_SECRETS }, options);
          },
          close: () => opened.close(),
        };
      });
    },
  };
}
