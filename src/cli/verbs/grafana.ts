import { API_CHOICES, pushDashboards, type Fate, type PushResult } from "../../app/grafana-push.ts";
import { packs } from "../../collectors/index.ts";
import { loadConfig } from "../../config/load.ts";
import { ConfigError } from "../../core/errors.ts";
import { columns } from "../../lib/columns.ts";
import { kinds } from "../kinds.ts";

/** What `watchkeeper grafana push` is asked. */
export interface GrafanaPushOptions {
  readonly file: string;
  readonly api: string;
  /** Title of the folder in place of the configured one. */
  readonly folder?: string;
  readonly dryRun?: boolean;
  readonly prune?: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** Pushes the dashboards into Grafana and says what became of each. Answers whether one was refused or failed. */
export async function grafanaPush({ file, api, folder, json = false, ...flags }: GrafanaPushOptions): Promise<boolean> {
  const choice = API_CHOICES.find((each) => each === api);
  if (choice === undefined) throw usage(`--api is ${API_CHOICES.join(", ")}, not ${api}`);
  if (folder?.trim() === "") throw usage("--folder is a title, and must not be empty");
  const { grafana, rules = {}, server } = await loadConfig({ file, ...kinds, env: process.env });
  if (grafana === undefined)
    throw new ConfigError([{ file, path: "grafana", message: "is not there: it names the Grafana to push into" }]);
  const { dryRun = false, prune = false, force = false } = flags;
  const result = await pushDashboards(packs, grafana, {
    api: choice,
    folder: folder ?? grafana.folder,
    dryRun,
    prune,
    force,
    externalUrl: server.external_url,
    overrides: rules,
  });
  const isFine = result.dashboards.every(({ fate }) => !BAD.has(fate));
  if (json) process.stdout.write(`${JSON.stringify({ ok: isFine, dryRun, ...result }, null, 2)}\n`);
  else tell(result, dryRun);
  return !isFine;
}

const BAD: ReadonlySet<Fate> = new Set<Fate>(["refused", "failed", "not tried"]);

const WOULD: Partial<Record<Fate, string>> = {
  created: "would create",
  changed: "would change",
  pruned: "would prune",
};

function tell({ api, folder, folderCreated, dashboards }: PushResult, dryRun: boolean): void {
  const word = (fate: Fate): string => (dryRun ? WOULD[fate] : undefined) ?? fate;
  const rows = dashboards.map(({ fate, uid, title, why }) => [
    word(fate),
    uid,
    why === undefined ? title : `${title}: ${why}`,
  ]);
  if (folderCreated) process.stdout.write(`${word("created")} the folder ${folder}\n`);
  process.stdout.write(`${columns(rows)}\n`);
  const counts = Map.groupBy(dashboards, ({ fate }) => word(fate));
  const summary = [...counts].map(([fate, all]) => `${all.length} ${fate}`).join(", ");
  process.stderr.write(`${dryRun ? "Nothing was written. " : ""}By ${api}: ${summary}.\n`);
}

const usage = (message: string): ConfigError => new ConfigError([{ file: "grafana push", path: "", message }]);
