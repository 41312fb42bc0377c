import { z } from "zod";
import { CollectError } from "../../core/errors.ts";
import { looseText } from "../../lib/answers/loose-shapes.ts";
import { readShape } from "../../lib/answers/read-shape.ts";
import type { Connection } from "./connection.ts";
import type { GrafanaApi } from "./contract.ts";
import { legacyApi } from "./legacy-api.ts";
import { resourcesApi } from "./resources-api.ts";

/** Which of Grafana's APIs is used; `auto` takes the newest that it offers. */
export const API_CHOICES = ["auto", "resources", "legacy"] as const;

/** One of {@link API_CHOICES}. */
export type ApiChoice = (typeof API_CHOICES)[number];

/** What decides between the APIs. */
export interface ApiWish {
  readonly api: ApiChoice;
  readonly orgId?: number | undefined;
}

/** The oldest Grafana whose panels are those that we write. Source: README of grafana-foundation-sdk */
const OLDEST_MAJOR = 10;

/**
 * Asks Grafana for its version and its APIs. Throws `CollectError` when it is too old, or has not the API that is
 * wanted.
 */
export async function chooseApi(connection: Connection, { api, orgId = 1 }: ApiWish): Promise<GrafanaApi> {
  const version = await readVersion(connection);
  if (api === "legacy") return legacyApi(connection);
  const offered = await readOffered(connection);
  const dashboards = ["v2", "v1", "v1beta1"].find((each) => offered("dashboard.grafana.app", each));
  const folders = ["v1", "v1beta1"].find((each) => offered("folder.grafana.app", each));
  if (dashboards !== undefined && folders !== undefined)
    return resourcesApi(connection, { dashboards, folders, namespace: orgId === 1 ? "default" : `org-${orgId}` });
  if (api === "auto") return legacyApi(connection);
  throw new CollectError(
    "not_found",
    `${connection.url}/apis: Grafana ${version ?? ""} offers no dashboards and folders as resources of version 1 or 2. Use --api legacy, or Grafana 12 or newer.`,
  );
}

const health = z.looseObject({ database: z.string(), version: looseText });

/** Undefined when Grafana keeps it to itself. */
async function readVersion(connection: Connection): Promise<string | undefined> {
  const answer = await connection.get("/api/health");
  if (answer === undefined)
    throw new CollectError(
      "not_found",
      `${connection.url}/api/health: status 404, so no Grafana is at \`grafana.url\`. Look whether it wants a sub-path.`,
    );
  const { database, version } = readShape(health, answer.body, answer.where);
  if (database !== "ok")
    throw new CollectError(
      "server_error",
      `${answer.where}: Grafana's database is not well. Look at Grafana's own log.`,
    );
  const major = Number(version?.split(".")[0] ?? Number.NaN);
  if (major < OLDEST_MAJOR)
    throw new CollectError(
      "not_found",
      `${answer.where}: Grafana ${version ?? ""} is too old for these dashboards, which want ${OLDEST_MAJOR} or newer.`,
    );
  return version;
}

const groupList = z.looseObject({
  groups: z.array(z.looseObject({ name: z.string(), versions: z.array(z.looseObject({ version: z.string() })) })),
});

async function readOffered(connection: Connection): Promise<(group: string, version: string) => boolean> {
  const answer = await connection.get("/apis").catch((thrown: unknown) => {
    if (thrown instanceof CollectError && thrown.reason === "forbidden") return undefined;
    throw thrown;
  });
  if (answer === undefined) return () => false;
  const { groups } = readShape(groupList, answer.body, answer.where);
  return (group, version) =>
    groups.some(({ name, versions }) => name === group && versions.some((each) => each.version === version));
}
