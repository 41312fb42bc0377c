import type { Exchange } from "../exchange.ts";
import type { HaService, HaState, WireRow } from "../model.ts";
import { isQuorate } from "../rows.ts";
import type { Route } from "./route.ts";

/** High availability, whose timestamps go with the cluster's clock. */
export const HA_ROUTES: readonly Route[] = [
  { path: "/cluster/ha/status/current", volatile: true, handle: current },
  { path: "/cluster/ha/status/manager_status", volatile: true, handle: managerStatus },
  { path: "/cluster/ha/resources", query: ["type"], handle: resources },
];

/** A manager's state that is older is said to be from a dead one, in seconds. */
const DEAD_AFTER = 30;

function current(exchange: Exchange): WireRow[] {
  exchange.need("/", "Sys.Audit");
  const { state, local } = exchange;
  const quorate = isQuorate(state);
  const quorum = {
    id: "quorum",
    type: "quorum",
    node: local.name,
    status: quorate ? "OK" : `No quorum on node '${local.name}'!`,
    quorate: quorate ? 1 : 0,
  };
  if (state.ha === undefined) return [quorum];
  return [quorum, master(exchange, state.ha), ...lrms(exchange, state.ha), ...state.ha.services.map(serviceRow)];
}

const clock = ({ nowMs }: Exchange): number => Math.floor(nowMs / 1000);

/** Such as `Mon Nov 23 12:00:00 2026`, as localtime() of Perl prints it. */
function localtime(seconds: number): string {
  const [weekday, day, month, year, time] = new Date(seconds * 1000).toUTCString().replace(",", "").split(" ");
  return `${weekday} ${month} ${String(Number(day)).padStart(2, " ")} ${time} ${year}`;
}

function freshness(lagSeconds: number, whenFresh: string): string {
  if (lagSeconds > DEAD_AFTER) return "old timestamp - dead?";
  return lagSeconds < -2 ? "detected time drift!" : whenFresh;
}

/** The manager's node: the one that had the part, or when it is dead the first that lives. */
function masterOf({ state }: Exchange, ha: HaState): string {
  const alive = state.nodes.filter(({ online }) => online).map(({ name }) => name);
  return alive.includes(ha.master) || !isQuorate(state) ? ha.master : (alive[0] ?? ha.master);
}

function master(exchange: Exchange, ha: HaState): WireRow {
  const node = masterOf(exchange, ha);
  const timestamp = clock(exchange) - ha.masterLagSeconds;
  const text = freshness(ha.masterLagSeconds, ha.services.length === 0 ? "idle" : "active");
  return { id: "master", type: "master", node, status: `${node} (${text}, ${localtime(timestamp)})`, timestamp };
}

/** When the local manager of a node wrote last: of a dead node, when it died. */
function lrmTimestamp(exchange: Exchange, ha: HaState, name: string): number {
  const silent = exchange.state.nodes.find((node) => node.name === name)?.silentSinceMs;
  const last = silent === undefined ? clock(exchange) : Math.floor(silent / 1000);
  return last - (ha.nodes[name]?.lagSeconds ?? 0);
}

function lrms(exchange: Exchange, ha: HaState): WireRow[] {
  return Object.entries(ha.nodes).map(([node, { mode, state }]) => {
    const timestamp = lrmTimestamp(exchange, ha, node);
    const idle =
      state === "wait_for_agent_lock" && !ha.services.some((one) => one.node === node && one.state === "started");
    const fresh = mode === "active" ? (idle ? "idle" : state) : `${mode} mode`;
    const text = freshness(clock(exchange) - timestamp, fresh);
    return { id: `lrm:${node}`, type: "lrm", node, status: `${node} (${text}, ${localtime(timestamp)})`, timestamp };
  });
}

function serviceRow({ sid, node, state, requestState, config }: HaService): WireRow {
  return {
    id: `service:${sid}`,
    type: "service",
    sid,
    node,
    crm_state: state,
    state,
    status: `${sid} (${node}, ${state})`,
    request_state: requestState,
    ...config,
  };
}

function managerStatus(exchange: Exchange): WireRow {
  exchange.need("/", "Sys.Audit");
  const { ha } = exchange.state;
  const quorum = { node: exchange.local.name, quorate: isQuorate(exchange.state) ? 1 : 0 };
  if (ha === undefined) return { manager_status: {}, quorum };
  return {
    manager_status: {
      master_node: masterOf(exchange, ha),
      timestamp: clock(exchange) - ha.masterLagSeconds,
      node_status: Object.fromEntries(Object.entries(ha.nodes).map(([node, { status }]) => [node, status])),
      service_status: Object.fromEntries(
        ha.services.map(({ sid, node, state }) => [
          sid,
          { node, state, uid: "q1w2e3r4t5", running: state === "started" ? 1 : 0 },
        ]),
      ),
    },
    lrm_status: Object.fromEntries(
      Object.entries(ha.nodes).map(([node, { mode, state }]) => [
        node,
        { mode, state, results: {}, timestamp: lrmTimestamp(exchange, ha, node) },
      ]),
    ),
    quorum,
  };
}

function resources(exchange: Exchange): WireRow[] {
  exchange.need("/", "Sys.Audit");
  const type = exchange.query.get("type");
  return (exchange.state.ha?.services ?? [])
    .map(({ sid, requestState, config }) => ({ sid, type: sid.split(":")[0], state: requestState, ...config }))
    .filter((row) => type === null || row.type === type);
}
