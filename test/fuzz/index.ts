import type { FuzzTarget } from "./target.ts";
import { certificates } from "./targets/certificates.ts";
import { configuration } from "./targets/configuration.ts";
import { exposition } from "./targets/exposition.ts";
import { jsonRpc } from "./targets/json-rpc.ts";
import { logMining } from "./targets/log-mining.ts";
import { promqlPrinter } from "./targets/promql-printer.ts";
import { promqlReader } from "./targets/promql-reader.ts";
import { sloSpecs } from "./targets/slo-specs.ts";
import { webhooks } from "./targets/webhooks.ts";

/** Everything that is fuzzed: the one table of it. */
export const fuzzTargets: readonly FuzzTarget[] = [
  configuration,
  webhooks,
  jsonRpc,
  promqlPrinter,
  promqlReader,
  exposition,
  certificates,
  logMining,
  sloSpecs,
];
