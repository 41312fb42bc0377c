import type { Exchange } from "../exchange.ts";

/** One GET path and what answers it. */
export interface Route {
  /** Without `/api2/json`. `:name` is one segment of the path. */
  readonly path: string;
  /** The parameters that the query may have; any other is refused with 400. */
  readonly query?: readonly string[];
  /** Which values a parameter may have. */
  readonly oneOf?: Readonly<Record<string, readonly string[]>>;
  /** Whether the answer changes by itself with time, so that it is never kept. */
  readonly volatile?: true;
  /** The storages whose hanging the call waits for; all of the node with `all`. */
  readonly touches?: "all" | "named";
  /** The `data` of the answer; throws a PveError. */
  readonly handle: (exchange: Exchange) => unknown;
}
