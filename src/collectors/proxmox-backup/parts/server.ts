import { days, hours, inSeconds, minutes, seconds } from "../../../core/duration.ts";
import { CollectError } from "../../../core/errors.ts";
import { optionally } from "../../../core/optionally.ts";
import type { CollectContext, Part } from "../../../core/pack.ts";
import { readShownCertificate } from "../../../lib/http/shown-certificate.ts";
import { listRows, type BackupClient } from "../client.ts";
import { certificate, server, subscription, SUBSCRIPTION_STATES, tasks } from "../metrics.ts";
import { mayRead } from "../permissions.ts";
import { nodeStatusShape, pingShape, subscriptionShape, taskShape, versionShape } from "../schema.ts";

/** The parts that read the server itself, not its backups. The node is called `localhost` whatever its name. */

/** `ping`, `version` and `nodes/localhost/status`. */
export const serverPart: Part<BackupClient> = {
  id: "server",
  title: "Server and its machine",
  every: seconds(60),
  deadline: seconds(40),
  metrics: server,
  outcomeMetrics: [server.up],
  async collect(client, context) {
    if (!(await recordUp(client, context))) return;
    await optionally(context, "version", async () => {
      const { version, release, repoid } = await client.call({
        path: "version",
        shape: versionShape,
        signal: context.signal,
      });
      context.record(server.version, { version, release: release ?? "", repoid: repoid ?? "" }, 1);
    });
    await optionally(context, "node status", () => recordStatus(client, context));
  },
};

async function recordUp({ call }: BackupClient, context: CollectContext): Promise<boolean> {
  try {
    await call({ path: "ping", shape: pingShape, signal: context.signal, anonymous: true });
    context.record(server.up, {}, true);
    return true;
  } catch (thrown) {
    if (!(thrown instanceof CollectError) || context.signal.aborted) throw thrown;
    context.record(server.up, {}, false);
    context.missing("server", thrown);
    return false;
  }
}

async function recordStatus({ call }: BackupClient, context: CollectContext): Promise<void> {
  const status = await call({ path: "nodes/localhost/status", shape: nodeStatusShape, signal: context.signal });
  const [load1, load5, load15] = status.loadavg;
  const { memory, swap, root } = status;
  const readings = [
    [server.cpu, status.cpu],
    [server.ioWait, status.wait],
    [server.load1, load1],
    [server.load5, load5],
    [server.load15, load15],
    [server.memoryTotal, memory?.total],
    [server.memoryUsed, memory?.used],
    [server.memoryFree, memory?.free],
    [server.swapTotal, swap?.total],
    [server.swapUsed, swap?.used],
    [server.swapFree, swap?.free],
    [server.diskTotal, root?.total],
    [server.diskUsed, root?.used],
    [server.diskAvailable, root?.avail],
    [server.uptime, status.uptime],
  ] as const;
  for (const [metric, value] of readings) context.record(metric, {}, value);
}

/** Kinds of task that are 0 when none of them failed, so that a first failure is a change and not a new series. */
const USUAL_WORKERS = ["backup", "garbage_collection", "prunejob", "syncjob", "verificationjob"];
/** The server goes by the time at which a task began, and a long one ends much later. */
const LOOK_BACK = days(7);
const WINDOW = days(1);

/**
 * `nodes/localhost/tasks`. Without the privilege the server lists the token's own tasks only, which would look like
 * peace.
 */
export const tasksPart: Part<BackupClient> = {
  id: "tasks",
  title: "Failed tasks",
  every: minutes(5),
  deadline: seconds(60),
  metrics: tasks,
  async collect(client, context) {
    await mayRead(client, context.signal, "/system/tasks", "Sys.Audit");
    const now = Math.floor(Date.now() / 1000);
    const query = { errors: "1", limit: "0", since: String(now - inSeconds(LOOK_BACK)) };
    const failed = new Map(USUAL_WORKERS.map((worker) => [worker, 0]));
    const { rows: found, areAll } = await listRows(client, context, {
      path: "nodes/localhost/tasks",
      query,
      row: taskShape,
      key: ({ upid }) => upid,
      slow: true,
    });
    if (!areAll) return;
    for (const { worker_type, endtime, status } of found) {
      if (!isFailure(status)) continue;
      if (endtime !== undefined && endtime <= now - inSeconds(WINDOW)) continue;
      // what has failed has ended, and when that was nobody may know
      const more = endtime === undefined ? Number.NaN : 1;
      failed.set(worker_type, (failed.get(worker_type) ?? 0) + more);
    }
    for (const [worker_type, count] of failed) context.record(tasks.failed, { worker_type }, count);
  },
};

const isFailure = (status: string | undefined): boolean =>
  status !== undefined && status !== "OK" && !status.startsWith("WARNINGS: ");

/** `nodes/localhost/subscription`. */
export const subscriptionPart: Part<BackupClient> = {
  id: "subscription",
  title: "Subscription",
  every: hours(1),
  deadline: seconds(30),
  metrics: subscription,
  async collect({ call }, context) {
    const path = "nodes/localhost/subscription";
    const { status, productname, nextduedate } = await call({
      path,
      shape: subscriptionShape,
      signal: context.signal,
    });
    if (status === undefined) throw new CollectError("unexpected_shape", `GET ${path}: status is missing`);
    const product = { productname: productname ?? "" };
    for (const state of SUBSCRIPTION_STATES) context.record(subscription.status, { status: state }, state === status);
    context.record(subscription.info, { ...product, status }, 1);
    context.record(subscription.due, product, startOfDay(nextduedate));
  },
};

/** Unix seconds at which a day `YYYY-MM-DD` begins in UTC; undefined or NaN when it is no day. */
const startOfDay = (day: string | undefined): number | undefined =>
  day === undefined || !/^\d{4}-\d\d-\d\d$/.test(day) ? undefined : Date.parse(`${day}T00:00:00Z`) / 1000;

/** The certificate as every client sees it, because the API gives it only to who may change it. */
export const certificatePart: Part<BackupClient> = {
  id: "certificate",
  title: "Certificate",
  every: hours(1),
  deadline: seconds(30),
  metrics: certificate,
  async collect({ server }, context) {
    const { validToDate } = await readShownCertificate({ ...server, signal: context.signal });
    context.record(certificate.expiry, {}, validToDate.getTime() / 1000);
  },
};
