import { divide, greater, max, select } from "../../../core/promql.ts";
import { signal } from "../../../core/signal.ts";
import { certificate, server, subscription } from "../metrics.ts";
import { shareUsed, timeUntil } from "./shares-and-ages.ts";

/** What can be asked of the server and its machine. */
export const serverSignals = {
  up: signal({
    title: "Server answers",
    help: "0 for a server that does not answer as a Proxmox Backup Server.",
    unit: "boolean",
    expr: select(server.up),
  }),
  cpu: signal({
    title: "Busy processors",
    help: "Share of the processors that is busy.",
    unit: "ratio",
    expr: select(server.cpu),
  }),
  ioWait: signal({
    title: "Waiting for disks",
    help: "High while backups, verification or garbage collection keep the disks busy.",
    unit: "ratio",
    expr: select(server.ioWait),
  }),
  load: signal({
    title: "Load over 5 minutes",
    help: "Compare it with the number of processors.",
    unit: "none",
    expr: select(server.load5),
  }),
  memoryUsed: signal({
    title: "Used memory",
    help: "Share of the memory in use.",
    unit: "ratio",
    expr: divide(select(server.memoryUsed), select(server.memoryTotal)),
  }),
  swapUsed: signal({
    title: "Used swap",
    help: "Some is normal; growth together with full memory is not.",
    unit: "ratio",
    expr: divide(select(server.swapUsed), greater(select(server.swapTotal), 0)),
  }),
  uptime: signal({
    title: "Time since the machine was started",
    help: "Falls to 0 at each restart, which also cuts off jobs that ran.",
    unit: "seconds",
    expr: select(server.uptime),
  }),
  version: signal({
    title: "Version",
    help: "Of the server; a cluster's nodes should not be older.",
    unit: "none",
    expr: max(select(server.version), { by: ["target", "version", "release"] }),
  }),
  rootUsed: signal({
    title: "Used root file system",
    help: "A full one stops the server's logs and its state files.",
    unit: "ratio",
    expr: shareUsed(select(server.diskUsed), select(server.diskAvailable)),
  }),
  subscription: signal({
    title: "Subscription",
    help: "1 for the state that the subscription is in.",
    unit: "boolean",
    expr: select(subscription.status),
  }),
  subscriptionEnded: signal({
    title: "Subscription that no longer holds",
    help: "1 for one that is expired, invalid or suspended; the enterprise repository refuses such a server.",
    unit: "boolean",
    expr: select(subscription.status, { status: ["=~", "expired|invalid|suspended"] }),
  }),
  certificateLeft: signal({
    title: "Time until the certificate ends",
    help: "Clients that do not pin it refuse the server after that.",
    unit: "seconds",
    expr: timeUntil(select(certificate.expiry)),
  }),
};
