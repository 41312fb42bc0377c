import { dashboardUid } from "../../core/dashboard.ts";
import { FOLDER } from "../folder.ts";

/** A dashboard that is to stand in Grafana. */
export interface PushedDashboard {
  readonly uid: string;
  readonly title: string;
  /** Grafana's classic JSON. */
  readonly classic: object;
  /** The resource of `dashboard.grafana.app/v2`, of which the `spec` is pushed where Grafana takes it. */
  readonly v2: object;
}

/** Uid of the folder that dashboards are pushed into, whatever its title. */
export const FOLDER_UID = FOLDER.uid;

/** What every pushed dashboard is tagged with. */
export const PUSHED_TAG = "watchkeeper";

/** How the uid of every pushed dashboard begins. */
export const PUSHED_UIDS = dashboardUid("");

/** A dashboard as Grafana has it. */
export interface Stored {
  readonly uid: string;
  readonly title: string;
  /** Empty for the root. */
  readonly folderUid: string;
  readonly tags: readonly string[];
  readonly content: object;
  /** Counts up by one with each save that changes it; undefined when Grafana does not say. */
  readonly revision: number | undefined;
  /** What a write names, so that nothing is lost that was saved meanwhile. */
  readonly lock: string | number;
  readonly savedBy: string | undefined;
  /** What writes it from outside, such as file provisioning, when there is something. */
  readonly keeper: string | undefined;
}

/** Dashboards and folders of one organisation, by one of Grafana's two APIs. Failures are `CollectError`s. */
export interface GrafanaApi {
  /** For people, such as `dashboard.grafana.app/v1`. */
  readonly name: string;
  /** What would be written of a dashboard. */
  contentOf(dashboard: PushedDashboard): object;
  /** Title of our folder; undefined when there is none yet. */
  readFolder(): Promise<string | undefined>;
  createFolder(title: string): Promise<void>;
  read(uid: string): Promise<Stored | undefined>;
  /** What was written as the reason of the last save; undefined when nothing was. */
  readMessage(stored: Stored): Promise<string | undefined>;
  /** Uids of dashboards in our folder that have our tag. */
  listUids(): Promise<readonly string[]>;
  /** Fails with a {@link isConflict | conflict} when there is one by now. */
  create(dashboard: PushedDashboard, message: string): Promise<void>;
  /** Fails with a {@link isConflict | conflict} when it was saved after it was read. */
  update(dashboard: PushedDashboard, stored: Stored, message: string): Promise<void>;
  remove(stored: Stored): Promise<void>;
}
