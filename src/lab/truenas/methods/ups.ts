import type { LabUps } from "../model/ups.ts";
import { MethodError, type LabMethods, type MethodContext } from "./contract.ts";

/** Graphs of the UPS. Source: github.com/truenas/middleware, plugins/reporting/netdata/graphs.py */
export const upsMethods: LabMethods = {
  "reporting.netdata_get_data": { role: "REPORTING_READ", call: graphs },
};

const GRAPHS: Readonly<Record<string, keyof LabUps>> = {
  upscharge: "charge",
  upsruntime: "runtime",
  upsload: "load",
};

/** A point every 2 seconds, oldest first; the newest has no value yet, for which the server writes 0. */
const STEP = 2;

function graphs(context: MethodContext): unknown {
  const [wanted, query] = context.params as [{ name: string }[], { start?: number; end?: number }?];
  const { services, machine } = context.state.system;
  const now = Math.floor(context.now() + machine.clockAhead);
  const { start = now - 3_600, end = now } = query ?? {};
  const runs = services.some(({ service, state }) => service === "ups" && state === "RUNNING");
  return wanted.map(({ name }) => {
    const field = GRAPHS[name];
    if (field === undefined) throw new MethodError("ENOENT", `'${name}' is not a valid graph plugin.`);
    const value = context.state.system.ups[field];
    const data = runs ? points(Math.max(start, end - 600), Math.min(end, now), value) : [];
    const empty = context.release === "26" ? null : { min: {}, mean: {}, max: {} };
    return { name, identifier: name, data, aggregations: empty, start, end, legend: legendOf(name, data, value) };
  });
}

/** A graph whose values are all 0 has no column for them. */
const legendOf = (name: string, data: readonly unknown[], value: number): string[] =>
  data.length === 0 ? [] : value === 0 ? ["time"] : ["time", name.replace("ups", "")];

function points(from: number, to: number, value: number): number[][] {
  const count = Math.max(0, Math.floor((to - from) / STEP) + 1);
  return Array.from({ length: count }, (_, i) => {
    const at = from + i * STEP;
    return value === 0 ? [at] : [at, i === count - 1 ? 0 : value];
  });
}
