import fc from "fast-check";
import { expect, it } from "vitest";
import { CollectError } from "../../../core/errors.ts";
import { RpcError } from "../../../lib/json-rpc/rpc-error.ts";
import { inServerWords, isSessionLost } from "./errors.ts";

const told = (failure: { code?: number | undefined; message?: string; data?: unknown }) => {
  const error = new RpcError("server_error", "x", { code: undefined, message: "", data: undefined, ...failure });
  const { reason, message } = inServerWords(error, "pool.query", "nas") as CollectError;
  return [reason, message];
};

it.each([
  [
    { code: -32_601, message: "Method does not exist" },
    ["not_found", "pool.query on nas: error -32601: Method does not exist"],
  ],
  [{ code: -32_000, message: "Maximum number" }, ["rate_limited", "pool.query on nas: error -32000: Maximum number"]],
  [
    { code: -32_001, data: { error: 13, errname: "EACCES", reason: "[EACCES] Not authorized" } },
    ["forbidden", "pool.query on nas: EACCES: Not authorized"],
  ],
  [
    { code: -32_001, data: { error: 22, errname: "EINVAL", reason: "Not authorized" } },
    ["forbidden", "pool.query on nas: EINVAL: Not authorized"],
  ],
  [
    {
      code: -32_001,
      data: { error: 207, errname: "ENOTAUTHENTICATED", reason: "[ENOTAUTHENTICATED] Not authenticated" },
    },
    ["unauthorized", "pool.query on nas: ENOTAUTHENTICATED: Not authenticated"],
  ],
  [
    { code: -32_001, data: { error: 16, errname: "EBUSY", reason: "busy" } },
    ["server_error", "pool.query on nas: EBUSY: busy"],
  ],
  [
    { code: -32_001, data: { error: 110, errname: "ETIMEDOUT", reason: "late" } },
    ["server_error", "pool.query on nas: ETIMEDOUT: late"],
  ],
  [
    { code: -32_602, data: { error: 22, errname: "EINVAL", reason: "[EINVAL] options: wrong\n" } },
    ["server_error", "pool.query on nas: EINVAL: options: wrong"],
  ],
  [{ data: { error: 201 }, message: "" }, ["not_found", "pool.query on nas: ENOMETHOD"]],
  [{ data: { error: 13 }, message: "no" }, ["forbidden", "pool.query on nas: EACCES: no"]],
  [{ message: "[ENOENT] gone" }, ["not_found", "pool.query on nas: ENOENT: gone"]],
  [{ message: "" }, ["server_error", "pool.query on nas: refused"]],
  [{ code: 5, message: "a\n\u202eb" }, ["server_error", "pool.query on nas: error 5: a b"]],
])("%j is %j", (failure, expected) => {
  expect(told(failure)).toEqual(expected);
});

it("leaves what is no refusal as it is", () => {
  const reset = new CollectError("connection_reset", "x");
  expect(inServerWords(reset, "pool.query", "nas")).toBe(reset);
});

it("reads any failure, on one line of bounded length", () => {
  fc.assert(
    fc.property(
      fc.option(fc.integer(), { nil: undefined }),
      fc.string({ maxLength: 500 }),
      fc.anything(),
      (code, message, data) => {
        const [, text] = told({ code, message, data });
        expect(text).toMatch(/^pool\.query on nas: /);
        expect(text?.length).toBeLessThan(2_000);
        expect(isSessionLost({ code, message, data })).toBeTypeOf("boolean");
      },
    ),
  );
});
