import pLimit from "p-limit";
import { CollectError } from "../../core/errors.ts";
import { chooseApi, type ApiChoice } from "./choose-api.ts";
import { isConflict, type Connection } from "./connection.ts";
import { fingerprintOf, messageOf } from "./content.ts";
import { PUSHED_UIDS, type GrafanaApi, type PushedDashboard } from "./contract.ts";
import { decide, whyKept, type Decision, type Known } from "./decide.ts";
import { missingRights } from "./rights.ts";

/** How dashboards are pushed. */
export interface PushOptions {
  readonly api: ApiChoice;
  readonly orgId?: number | undefined;
  /** Title of the folder, should it have to be made. */
  readonly folder: string;
  /** Write nothing. */
  readonly dryRun: boolean;
  /** Delete dashboards of ours that are not wanted any more. */
  readonly prune: boolean;
  /** Overwrite and delete also what people saved over or moved. */
  readonly force: boolean;
}

/** What became of a dashboard, or in a dry run would. */
export type Fate = "created" | "changed" | "unchanged" | "pruned" | "refused" | "failed" | "not tried";

/** One dashboard and what became of it. */
export interface Pushed {
  readonly uid: string;
  readonly title: string;
  readonly fate: Fate;
  /** Why it was refused or failed, or what is worth knowing. */
  readonly why?: string;
}

/** What a push did, or in a dry run would do. */
export interface PushResult {
  /** API that was used. */
  readonly api: string;
  /** Title of the folder as Grafana has it. */
  readonly folder: string;
  readonly folderCreated: boolean;
  readonly dashboards: readonly Pushed[];
}

/** At a time. */
const READS = 4;

interface Step {
  readonly uid: string;
  readonly title: string;
  readonly decision: Decision | { readonly kind: "prune"; readonly known: Known };
  readonly dashboard?: PushedDashboard;
}

/**
 * Makes Grafana's dashboards be those that are wanted. All that can be asked is asked before the first write. Throws
 * `CollectError` while nothing is written; what fails later is told in the result, and what was not tried after it.
 */
export async function push(
  dashboards: readonly PushedDashboard[],
  connection: Connection,
  options: PushOptions,
): Promise<PushResult> {
  const api = await chooseApi(connection, options);
  const folder = await api.readFolder();
  const steps = await planOf(api, dashboards, { ...options, hasFolder: folder !== undefined });
  await checkRights(connection, steps, folder === undefined);
  const result = { api: api.name, folder: folder ?? options.folder, folderCreated: folder === undefined };
  if (options.dryRun) return { ...result, dashboards: steps.map((step) => toldOf(step)) };
  if (folder === undefined) await createFolder(api, options.folder);
  return { ...result, dashboards: await writeAll(api, steps, options.force) };
}

async function planOf(
  api: GrafanaApi,
  dashboards: readonly PushedDashboard[],
  { force, prune, hasFolder }: PushOptions & { readonly hasFolder: boolean },
): Promise<readonly Step[]> {
  const limit = pLimit(READS);
  const wanted = await limit.map(dashboards, async (dashboard): Promise<Step> => {
    const { uid, title } = dashboard;
    return { uid, title, dashboard, decision: decide(api.contentOf(dashboard), await readKnown(api, uid), force) };
  });
  if (!prune || !hasFolder) return wanted;
  const others = (await api.listUids()).filter(
    (uid) => uid.startsWith(PUSHED_UIDS) && !dashboards.some((each) => each.uid === uid),
  );
  const left = await limit.map(others, async (uid): Promise<readonly Step[]> => {
    const known = await readKnown(api, uid);
    return known === undefined ? [] : [pruneStep(known)];
  });
  return [...wanted, ...left.flat()];
}

function pruneStep(known: Known): Step {
  const { uid, title } = known.stored;
  const why = whyKept(known);
  return { uid, title, decision: why === undefined ? { kind: "prune", known } : { kind: "refuse", why } };
}

async function readKnown(api: GrafanaApi, uid: string): Promise<Known | undefined> {
  const stored = await api.read(uid);
  return stored && { stored, message: await api.readMessage(stored) };
}

async function checkRights(connection: Connection, steps: readonly Step[], createsFolder: boolean): Promise<void> {
  const uids = (kind: Step["decision"]["kind"]): readonly string[] =>
    steps.filter(({ decision }) => decision.kind === kind).map(({ uid }) => uid);
  const intent = { createsFolder, creates: uids("create").length > 0, changes: uids("change"), deletes: uids("prune") };
  const missing = await missingRights(connection, intent);
  if (missing.length === 0) return;
  throw new CollectError(
    "forbidden",
    `The token for ${connection.url} lacks ${missing.join(" and ")}, so nothing was written. Give its service account the role Editor, or the permission Edit on the folder.`,
  );
}

async function createFolder(api: GrafanaApi, title: string): Promise<void> {
  try {
    await api.createFolder(title);
  } catch (thrown) {
    // it may be there by now: made by another push, or by a request of ours whose answer was lost
    if ((await api.readFolder()) === undefined) throw thrown;
  }
}

/** One after the other. What fails for one dashboard's sake does not keep the others from being written. */
async function writeAll(api: GrafanaApi, steps: readonly Step[], force: boolean): Promise<readonly Pushed[]> {
  const pushed: Pushed[] = [];
  let isOver = false;
  for (const step of steps) {
    const isWrite = step.decision.kind !== "unchanged" && step.decision.kind !== "refuse";
    if (isOver && isWrite) {
      pushed.push({ ...nameOf(step), fate: "not tried" });
      continue;
    }
    try {
      pushed.push(await write(api, step, force));
    } catch (thrown) {
      if (!(thrown instanceof CollectError)) throw thrown;
      pushed.push({ ...nameOf(step), fate: "failed", why: thrown.message });
      isOver = !isOfOne(thrown);
    }
  }
  return pushed;
}

/** Whether another dashboard may fare better. */
const isOfOne = ({ reason }: CollectError): boolean => reason === "unexpected_status" || reason === "not_found";

async function write(api: GrafanaApi, step: Step, force: boolean): Promise<Pushed> {
  // the older API deletes whatever is there, so it is looked at once more
  const current = step.decision.kind === "prune" ? await decideAgain(api, step, force) : step;
  try {
    await attempt(api, current);
    return toldOf(current.decision.kind === "unchanged" ? step : current);
  } catch (thrown) {
    if (!isConflict(thrown)) throw thrown;
  }
  return writeAgain(api, step, await decideAgain(api, step, force));
}

/** It was saved meanwhile, be it by a request of ours whose answer was lost. */
async function writeAgain(api: GrafanaApi, step: Step, again: Step): Promise<Pushed> {
  if (again.decision.kind === "unchanged") return toldOf(step);
  try {
    await attempt(api, again);
    return toldOf(again);
  } catch (thrown) {
    if (!isConflict(thrown)) throw thrown;
    const why = "it was saved by somebody else twice while it was pushed: push again when they are done";
    return { ...nameOf(step), fate: "failed", why };
  }
}

async function decideAgain(api: GrafanaApi, step: Step, force: boolean): Promise<Step> {
  const known = await readKnown(api, step.uid);
  if (step.dashboard !== undefined) return { ...step, decision: decide(api.contentOf(step.dashboard), known, force) };
  return known === undefined ? { ...step, decision: { kind: "unchanged" } } : pruneStep(known);
}

async function attempt(api: GrafanaApi, { dashboard, decision }: Step): Promise<void> {
  if (decision.kind === "prune") await api.remove(decision.known.stored);
  if (dashboard === undefined) return;
  const fingerprint = fingerprintOf(api.contentOf(dashboard));
  if (decision.kind === "create") await api.create(dashboard, messageOf({ fingerprint, revision: 1 }));
  if (decision.kind !== "change") return;
  const revision = (decision.stored.revision ?? 0) + 1;
  await api.update(dashboard, decision.stored, messageOf({ fingerprint, revision }));
}

const FATES = {
  create: "created",
  change: "changed",
  unchanged: "unchanged",
  refuse: "refused",
  prune: "pruned",
} as const satisfies Record<Step["decision"]["kind"], Fate>;

const nameOf = ({ uid, title }: Step): Pick<Pushed, "uid" | "title"> => ({ uid, title });

function toldOf(step: Step): Pushed {
  const { decision } = step;
  const why = decision.kind === "refuse" ? decision.why : decision.kind === "unchanged" ? decision.hint : undefined;
  return { ...nameOf(step), fate: FATES[decision.kind], ...(why === undefined ? {} : { why }) };
}
