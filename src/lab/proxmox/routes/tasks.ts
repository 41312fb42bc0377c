import { PveError } from "../exchange.ts";
import type { Exchange } from "../exchange.ts";
import type { PveTask, WireRow } from "../model.ts";
import type { Route } from "./route.ts";

const FILTERS = [
  "errors",
  "limit",
  "since",
  "source",
  "start",
  "statusfilter",
  "typefilter",
  "until",
  "userfilter",
  "vmid",
];
/** How many rows or lines come when the query does not say. */
const DEFAULT_LIMIT = 50;

/** The tasks of one host. */
export const TASK_ROUTES: readonly Route[] = [
  { path: "/nodes/:node/tasks", query: FILTERS, oneOf: { source: ["archive", "active", "all"] }, handle: list },
  { path: "/nodes/:node/tasks/:upid/log", query: ["download", "limit", "start"], handle: log },
  { path: "/nodes/:node/tasks/:upid/status", handle: status },
];

/** Newest first; without Sys.Audit only the token's own. */
function list(exchange: Exchange): WireRow[] {
  const start = exchange.number("start", 0);
  const limit = exchange.number("limit", DEFAULT_LIMIT);
  return exchange.state.tasks
    .filter((task) => task.node === exchange.node.name && maySee(exchange, task) && isWanted(exchange, task))
    .slice(start, start + limit)
    .map(row);
}

function maySee(exchange: Exchange, { user }: PveTask): boolean {
  return exchange.may(`/nodes/${exchange.node.name}`, "Sys.Audit") || user === exchange.token.user;
}

function isWanted(exchange: Exchange, task: PveTask): boolean {
  const { query } = exchange;
  const source = query.get("source") ?? "archive";
  const running = task.endtime === undefined;
  if (source !== "all" && (source === "active") !== running) return false;
  if (exchange.flag("errors") && (task.status ?? "OK") === "OK") return false;
  return (
    task.starttime >= exchange.number("since", 0) &&
    task.starttime <= exchange.number("until", Number.POSITIVE_INFINITY) &&
    matches(query.get("typefilter"), task.type) &&
    matches(query.get("vmid"), task.id) &&
    hasStatus(query.get("statusfilter"), task.status) &&
    task.user.includes(query.get("userfilter") ?? "")
  );
}

function hasStatus(wanted: string | null, status = "unknown"): boolean {
  if (wanted === null) return true;
  const kinds: Readonly<Record<string, string>> = { OK: "ok", unknown: "unknown" };
  const kind = status.startsWith("WARNINGS: ") ? "warning" : (kinds[status] ?? "error");
  return wanted.split(",").includes(kind);
}

const matches = (wanted: string | null, value: string): boolean => wanted === null || wanted === value;

function row(task: PveTask): WireRow {
  const { log: _, ...shown } = task;
  return shown.endtime === undefined ? { ...shown, status: "RUNNING" } : shown;
}

function found(exchange: Exchange): PveTask {
  const upid = decodeURIComponent(exchange.parameter("upid"));
  const task = exchange.state.tasks.find((one) => one.upid === upid && one.node === exchange.node.name);
  if (task === undefined) throw new PveError(400, "Parameter verification failed.", { upid: "no such task" });
  if (task.user !== exchange.token.user) exchange.need(`/nodes/${exchange.node.name}`, "Sys.Audit");
  return task;
}

/** Lines are counted from 1; an empty log has one line that says so. */
function log(exchange: Exchange): WireRow[] {
  const start = exchange.number("start", 0);
  const limit = exchange.number("limit", DEFAULT_LIMIT);
  const { log: lines } = found(exchange);
  if (lines.length === 0) return [{ n: 1, t: "no content" }];
  return lines.slice(start, start + limit).map((t, index) => ({ n: start + index + 1, t }));
}

function status(exchange: Exchange): WireRow {
  const { log: _, status: exitstatus, endtime, ...task } = found(exchange);
  return endtime === undefined ? { ...task, status: "running" } : { ...task, status: "stopped", exitstatus };
}
