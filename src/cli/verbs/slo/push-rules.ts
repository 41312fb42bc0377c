import { seconds } from "../../../core/duration.ts";
import { createHttpClient } from "../../../lib/http/client.ts";
import { loginHeaders, readAuthorities } from "../../../lib/http/login.ts";
import type { Slo } from "../../../slo/model.ts";
import type { SloRuleOptions } from "../../../slo/rules/context.ts";
import { eachSloGroup } from "../../../slo/rules/groups.ts";
import { pushSloRules } from "../../../slo/rules/mimir-push.ts";
import { count, print, talk, type ReadSpecs } from "./specs.ts";

/** Where rules are pushed to. */
interface PushOptions {
  readonly push?: string;
  readonly namespace?: string;
  readonly tenant?: string;
}

/**
 * Makes a namespace of a ruler hold the rules of these SLOs; with `isPart` groups of others are left as they are.
 * Throws `CollectError`.
 */
export async function pushRules(
  slos: readonly Slo[],
  rules: SloRuleOptions,
  { push: url = "", namespace = "watchkeeper-slos", tenant }: PushOptions,
  { config }: ReadSpecs,
  isPart: boolean,
): Promise<boolean> {
  const prometheus = config?.prometheus;
  const client = createHttpClient({
    ca: await readAuthorities(prometheus?.caFile),
    timeouts: { total: seconds(60) },
  });
  try {
    const isThere = prometheus !== undefined && new URL(prometheus.url).origin === new URL(url).origin;
    // credentials are for the server that they are written for
    const { authorization } = await loginHeaders(isThere ? prometheus.login : undefined);
    const ruler = { url: url.replace(/\/+$/, ""), namespace, tenant: tenant ?? prometheus?.tenant, authorization };
    // the rules of an SLO that is wrong at the moment go on watching it
    const groups = [...eachSloGroup(slos, rules)];
    const { written, unchanged, deleted, left } = await pushSloRules(client, ruler, groups, isPart);
    for (const name of written) print(`wrote ${name}`);
    for (const name of deleted) print(`deleted ${name}`);
    for (const name of left)
      talk(`${name} was left as it is: ${isPart ? "not all SLOs could be read" : "it has rules that are of no SLO"}`);
    talk(`${count(written.length, "group")} written, ${unchanged.length} unchanged, ${deleted.length} deleted.`);
    return true;
  } finally {
    await client.close();
  }
}
