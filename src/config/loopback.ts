import { isIPv4, isIPv6 } from "node:net";
import { entriesOf, fieldOf, type Misfit } from "./alerting/names.ts";

/** Whether only programs of the same machine reach a server that listens at the host; undefined is every address. */
export function isLoopback(host: string | undefined): boolean {
  if (host === undefined) return false;
  if (isIPv4(host)) return host.startsWith("127.");
  if (isIPv6(host)) return new URL(`http://[${host}]`).hostname === "[::1]";
  return host.toLowerCase() === "localhost";
}

const NEEDED =
  "needs credentials, because `server.listen` is not bound to loopback (127.0.0.0/8, ::1 or localhost): else anybody could send alerts";

/**
 * Sources that anybody who reaches the server could use; settings that have other faults still are looked at as well.
 */
export function openSources(settings: unknown): readonly Misfit[] {
  const listen = fieldOf(fieldOf(settings, "server"), "listen");
  if (typeof fieldOf(listen, "port") !== "number") return [];
  const host = fieldOf(listen, "host");
  if (isLoopback(typeof host === "string" ? host : undefined)) return [];
  return entriesOf(fieldOf(fieldOf(settings, "alerting"), "sources")).flatMap((source, i) => {
    const credentials = fieldOf(source, "credentials");
    return Array.isArray(credentials) && credentials.length === 0
      ? [{ path: ["alerting", "sources", i], message: NEEDED }]
      : [];
  });
}
