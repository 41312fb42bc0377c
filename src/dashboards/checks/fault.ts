import type { CheckContext } from "./context.ts";
import type { DashboardJson } from "./model.ts";

/** Something wrong within one dashboard. */
export interface Fault {
  /** Title of the panel, when it is in one. */
  readonly panel?: string;
  /** What is wrong; a sentence without its subject's name. */
  readonly message: string;
}

/** Looks for one kind of fault in a dashboard. */
export type Check = (dashboard: DashboardJson, context: CheckContext) => readonly Fault[];
