import type { GroupAlert } from "../../core/alert-group.ts";
import { nameOf } from "./labels.ts";
import { asTitle, listKinds } from "./title.ts";

/** How many groups a storm holds, and how many of them still fire: each of its alerts counts those of one kind. */
export function stormCounts(alerts: readonly GroupAlert[]): { readonly groups: number; readonly open: number } {
  const sum = (annotation: string): number => alerts.reduce((total, alert) => total + countIn(alert, annotation), 0);
  return { groups: sum("groups"), open: sum("open") };
}

const countIn = ({ annotations }: GroupAlert, annotation: string): number => {
  const text = annotations[annotation];
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : 0;
};

/** A title such as `Storm of 62 alert groups: 40 NodeDown, 15 DiskFull and 7 of 3 other kinds; 60 still fire`. */
export function stormTitle(alerts: readonly GroupAlert[]): string {
  const { groups, open } = stormCounts(alerts);
  const kinds = listKinds(alerts.map((alert) => [nameOf(alert.labels), countIn(alert, "groups")]));
  return asTitle(`Storm of ${groups} alert groups: ${kinds}; ${open === 0 ? "all are over" : `${open} still fire`}`);
}
