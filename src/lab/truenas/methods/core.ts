import { randomUUID } from "node:crypto";
import { invalidParams } from "../failure.ts";
import type { CoreMethods } from "./core-contract.ts";

/**
 * `core.*`.
 * Source: https://github.com/truenas/middleware, src/middlewared/middlewared/service/core_service.py
 */
export const coreMethods: CoreMethods = {
  "core.ping": { call: () => "pong" },
  "core.subscribe": {
    since: "25.04",
    call: ({ subscriptions, session, params }) => {
      const id = randomUUID();
      subscriptions.add(id, textOf(params, 0, "event"), session);
      return id;
    },
  },
  "core.unsubscribe": {
    since: "25.04",
    call: ({ subscriptions, params }) => {
      subscriptions.remove(textOf(params, 0, "id_"));
      return null;
    },
  },
};

/** A text among the parameters; throws `FailedCall`. */
export function textOf(params: readonly unknown[], at: number, name: string): string {
  const value = params[at];
  if (value === undefined) throw invalidParams(name, "Field required");
  if (typeof value !== "string") throw invalidParams(name, "Input should be a valid string");
  return value;
}
