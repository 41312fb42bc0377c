import { hash } from "node:crypto";
import type { Kysely } from "kysely";
import type { Bundle, BundleQuestion } from "../core/evidence.ts";
import { MOST_BUNDLE_BYTES, type BundleHead, type EvidenceStore, type KeptChange } from "../core/evidence-store.ts";
import type { Change, TimeWindow } from "../core/telemetry.ts";
import { clip, oneLine } from "../lib/text.ts";
import type { Engine, WriteSession } from "./engine.ts";
import { isNoId } from "./no-id.ts";
import { pruneEvidence } from "./prune-evidence.ts";
import type { BundleRow, ChangeRow, Tables } from "./schema.ts";

const ABOUT_LENGTH = 200;

/** The store of evidence over a database that has its tables. */
export const createEvidenceStore = (engine: Engine): EvidenceStore => ({
  saveBundle: async (bundle) => {
    const row = bundleRow(bundle);
    await engine.write("intake", (session) => saveBundle(session, row));
  },
  bundle: (id) => engine.read((db) => findBundle(db, id)),
  bundles: (filter) => engine.read((db) => listBundles(db, filter)),
  saveChange: (change) => engine.write("intake", (session) => saveChange(session, change)),
  change: (id) => engine.read((db) => findChange(db, id)),
  changes: (window, limit) => engine.read((db) => listChanges(db, window, limit)),
  pruneEvidence: (before) => pruneEvidence(engine, before),
});

/** Throws RangeError for a bundle that is too large. */
function bundleRow(bundle: Bundle): BundleRow {
  const doc = JSON.stringify(bundle);
  const bytes = Buffer.byteLength(doc);
  if (bytes > MOST_BUNDLE_BYTES) {
    throw new RangeError(
      `The bundle ${bundle.id} has ${(bytes / 1024 / 1024).toFixed(1)} MiB, and the store takes ${MOST_BUNDLE_BYTES / 1024 / 1024} MiB: lower \`evidence.limits\`.`,
    );
  }
  return {
    id: bundle.id,
    group_id: bundle.question.alert?.groupId ?? null,
    created_at: Math.round(bundle.createdAt),
    head: JSON.stringify(headOf(bundle)),
    doc,
  };
}

function headOf({ id, createdAt, question, reports, top }: Bundle): BundleHead {
  const groupId = question.alert?.groupId;
  const best = reports.flatMap(({ items }) => items).find((item) => item.id === top[0])?.title;
  return {
    id,
    createdAt,
    ...(groupId !== undefined && { groupId }),
    about: clip(oneLine(aboutOf(question).toWellFormed()), ABOUT_LENGTH),
    window: question.window,
    ...(best !== undefined && { best: clip(best, ABOUT_LENGTH) }),
  };
}

function aboutOf({ alert, scope }: BundleQuestion): string {
  const [nearest] = scope.entities;
  return alert?.name ?? (nearest === undefined ? "nothing by name" : `${nearest.kind} ${nearest.name}`);
}

async function saveBundle({ db }: WriteSession, row: BundleRow): Promise<void> {
  await db
    .insertInto("bundles")
    .values(row)
    .onConflict((conflict) =>
      conflict.column("id").doUpdateSet((eb) => ({
        group_id: eb.ref("excluded.group_id"),
        created_at: eb.ref("excluded.created_at"),
        head: eb.ref("excluded.head"),
        doc: eb.ref("excluded.doc"),
      })),
    )
    .execute();
}

async function findBundle(db: Kysely<Tables>, id: string): Promise<Bundle | undefined> {
  if (isNoId(id)) return undefined;
  const row = await db.selectFrom("bundles").select("doc").where("id", "=", id).executeTakeFirst();
  return row === undefined ? undefined : (JSON.parse(row.doc) as Bundle);
}

async function listBundles(
  db: Kysely<Tables>,
  { groupId, limit }: Parameters<EvidenceStore["bundles"]>[0],
): Promise<readonly BundleHead[]> {
  if (groupId !== undefined && isNoId(groupId)) return [];
  let query = db.selectFrom("bundles").select("head").orderBy("created_at", "desc").orderBy("id").limit(limit);
  if (groupId !== undefined) query = query.where("group_id", "=", groupId);
  return (await query.execute()).map(({ head }) => JSON.parse(head) as BundleHead);
}

async function saveChange({ db, now }: WriteSession, change: Change): Promise<string> {
  const row = changeRow(change, now);
  await db
    .insertInto("changes")
    .values(row)
    .onConflict((conflict) => conflict.column("id").doNothing())
    .execute();
  return row.id;
}

async function findChange(db: Kysely<Tables>, id: string): Promise<KeptChange | undefined> {
  if (isNoId(id)) return undefined;
  const row = await db.selectFrom("changes").select(["id", "doc"]).where("id", "=", id).executeTakeFirst();
  return row && keptChange(row);
}

const keptChange = ({ id, doc }: Pick<ChangeRow, "id" | "doc">): KeptChange => ({ id, ...(JSON.parse(doc) as Change) });

/** The same change told twice has its fields in any order. */
function changeRow(change: Change, now: number): ChangeRow {
  const { kind, at, title, labels, source, link } = change;
  const sorted = Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return {
    id: hash("sha256", JSON.stringify([kind, at, title, sorted, source, link ?? null]), "hex").slice(0, 32),
    at: Math.round(at),
    saved_at: now,
    doc: JSON.stringify(change),
  };
}

async function listChanges(
  db: Kysely<Tables>,
  { from, to }: TimeWindow,
  limit: number,
): Promise<readonly KeptChange[]> {
  const rows = await db
    .selectFrom("changes")
    .select(["id", "doc"])
    // the newest are nearest to what they may explain, so that a limit leaves out the oldest
    .where("at", ">=", Math.ceil(from))
    .where("at", "<", Math.ceil(to))
    .orderBy("at", "desc")
    .orderBy("id", "desc")
    .limit(limit)
    .execute();
  return rows.map(keptChange).toReversed();
}
