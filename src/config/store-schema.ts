import { dirname, resolve } from "node:path";
import { z } from "zod";
import type { StoreConfig } from "../core/alerting-config.ts";
import { secretPair } from "../core/config-fields.ts";

const url = secretPair("url", "URL of the database, such as `postgres://watchkeeper:password@db.example/watchkeeper`.");

const postgresSchema = url.exactlyOne(z.strictObject(url.fields)).superRefine((config, context) => {
  if (config.url === undefined || /^postgres(?:ql)?:\/\//.test(config.url.reveal())) return;
  context.addIssue({ code: "custom", path: ["url"], message: "write a URL that starts with postgres://" });
});

/** The section `store`; a relative path of SQLite stays relative. */
export const storeSchema = z
  .strictObject({
    sqlite: z
      .strictObject({
        path: z
          .string()
          .min(1, "must name a file")
          .default("watchkeeper.db")
          .meta({ format: "path" })
          .describe(
            "File of the database, made when it is missing; a relative path starts at the folder of the configuration file.",
          ),
      })
      .optional()
      .describe("A file beside Watchkeeper, on a local disk: the default, for one instance."),
    postgres: postgresSchema
      .optional()
      .describe("A PostgreSQL database, which any number of instances may share: they divide the targets."),
  })
  .superRefine(({ sqlite, postgres }, context) => {
    if (sqlite === undefined || postgres === undefined) return;
    context.addIssue({ code: "custom", path: ["sqlite"], message: "stands beside postgres: keep one of the two" });
  })
  .transform(({ sqlite, postgres }): StoreConfig => {
    if (postgres !== undefined) return { type: "postgres", url: url.source(postgres) };
    return { type: "sqlite", path: sqlite?.path ?? "watchkeeper.db" };
  });

/** Makes the path of SQLite's file absolute. */
export const resolveStore = (store: StoreConfig, configFile: string): StoreConfig =>
  store.type === "sqlite" ? { ...store, path: resolve(dirname(resolve(configFile)), store.path) } : store;
