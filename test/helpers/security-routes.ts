import { packs } from "../../src/collectors/index.ts";
import { createApp, type AppOptions } from "../../src/server/app.ts";

/** A route as it is registered; that of HEAD counts with that of GET. */
export interface Route {
  readonly method: string;
  readonly path: string;
  /** Whether it may ask for a credential of its own in place of the password. */
  readonly hasOwnCredential: boolean;
}

/** All routes of a server with every feature, in the order of their paths. */
export async function registeredRoutes(): Promise<readonly Route[]> {
  const found: Route[] = [];
  // routes are registered whatever is behind them, and none is asked here
  const nothing = {} as never;
  const options: Partial<AppOptions> = { packs, alerting: nothing, evidence: nothing, slos: nothing, preview: nothing };
  const app = createApp({
    ...options,
    guard: (guarded) =>
      guarded.addHook("onRoute", ({ method, url: path, config }) => {
        const hasOwnCredential = config?.hasOwnCredentials !== undefined;
        for (const one of [method].flat()) if (one !== "HEAD") found.push({ method: one, path, hasOwnCredential });
      }),
  } as AppOptions);
  await app.ready();
  await app.close();
  return found.toSorted((a, b) => `${a.path} ${a.method}`.localeCompare(`${b.path} ${b.method}`, "en"));
}

const PARAMETERS: Readonly<Record<string, string>> = {
  ":source": "main",
  ":alert": "VaultSealed",
  ":id": "1",
  ":uid": "none",
  "*": "1",
};

/** An address of the route; its parameters have likely values, or all the one that is given. */
export const addressOf = ({ path }: Route, value?: string): string =>
  path.replaceAll(/:\w+|\*$/g, (name) => value ?? PARAMETERS[name] ?? "1");

const READER = ["who has a password or client certificate", "whoever reaches the server"];
const SENDER = ["who has a credential of that source", "the same"];

/** The cells of the table in `docs/security.md`: path, methods, who may with a web configuration, and who without. */
export function routesTable(routes: readonly Route[]): readonly (readonly string[])[] {
  const byPath = Map.groupBy(routes, ({ path }) => path);
  return [...byPath].map(([path, ofPath]) => {
    const methods = ofPath.map(({ method }) => method).join(", ");
    return [`\`${path}\``, methods, ...(ofPath.some((route) => route.hasOwnCredential) ? SENDER : READER)];
  });
}
