import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { RpcError } from "../../../lib/json-rpc/rpc-error.ts";
import type { RpcFailure } from "../../../lib/json-rpc/contract.ts";
import { trueNasConfig } from "../config.ts";
import { login } from "./login.ts";
import { DIALECTS, type Dialect } from "../versions.ts";

const KEY = "1-hunter2hunter2hunter2hunter2hunter2hunter2hunter2hunter2hunter2hu";
const dialectOf = (release: string): Dialect => {
  const dialect = DIALECTS.find((each) => each.release === release);
  if (dialect === undefined) throw new Error(`no dialect ${release}`);
  return dialect;
};

/** What comes of a login that is answered so. */
async function outcome(release: Dialect["release"], answer: () => unknown, username?: string): Promise<unknown> {
  const config = trueNasConfig.parse({ name: "nas", url: "https://nas", api_key: KEY, username });
  const call = async (): Promise<unknown> => answer();
  return login({ call, config, dialect: dialectOf(release), host: "nas" }).then(
    () => "logged in",
    (thrown: unknown) => thrown,
  );
}

const fails = (failure: Partial<RpcFailure>) => (): never => {
  throw new RpcError("server_error", `it said ${KEY}`, { code: -32_001, message: "", data: {}, ...failure });
};

describe("the answers of a login", () => {
  it.each([
    ["AUTH_ERR", "unauthorized", /not accepted/],
    ["EXPIRED", "unauthorized", /expired or revoked/],
    ["DENIED", "forbidden", /may not use the API/],
    ["OTP_REQUIRED", "unauthorized", /one-time password/],
    ["REDIRECT", "unexpected_status", /active controller/],
    ["SCRAM_RESPONSE", "unexpected_shape", /not documented/],
    ["constructor", "unexpected_shape", /not documented/],
  ])("%s is %s and says what to do", async (response_type, reason, message) => {
    for (const release of ["25.04", "25.10", "26"] as const) {
      const refused = await outcome(release, () => ({ response_type }), "watchkeeper");
      expect(refused).toMatchObject({ reason, message: expect.stringMatching(message) });
    }
  });

  it.each([null, undefined, 1, "SUCCESS", [], {}, { response_type: 5 }])(
    "%j is of no shape that is known",
    async (answer) => {
      for (const [release, username] of [["24.10"], ["25.10", "watchkeeper"], ["26", "watchkeeper"]] as const)
        expect(await outcome(release, () => answer, username)).toMatchObject({ reason: "unexpected_shape" });
    },
  );

  it("SUCCESS alone is none to SCRAM, which wants the server's own proof", async () => {
    const answer = () => ({ response_type: "SUCCESS" });
    expect(await outcome("25.10", answer, "watchkeeper")).toBe("logged in");
    expect(await outcome("26", answer, "watchkeeper")).toMatchObject({ reason: "unexpected_shape" });
  });

  it("a server that can not prove itself is none to trust", async () => {
    const answers = [
      (nonce: string) => `r=${nonce}more,s=MDEy,i=4096`,
      () => `v=${Buffer.alloc(64).toString("base64")}`,
    ];
    let nonce = "";
    const config = trueNasConfig.parse({ name: "nas", url: "https://nas", api_key: KEY, username: "watchkeeper" });
    const call = async (_: string, [asked]: readonly unknown[]): Promise<unknown> => {
      nonce = /r=([^,]+)/.exec(JSON.stringify(asked))?.[1]?.replace(/".*$/, "") ?? nonce;
      expect(JSON.stringify(asked)).not.toContain("hunter2");
      return { response_type: "SCRAM_RESPONSE", rfc_str: answers.shift()?.(nonce) };
    };
    const refused: unknown = await login({ call, config, dialect: dialectOf("26"), host: "nas" }).catch(
      (thrown: unknown) => thrown,
    );
    expect(refused).toMatchObject({ message: expect.stringContaining("could not prove that it knows the API key") });
    expect(answers).toEqual([]);
  });

  it.each([
    [{ code: -32_000 }, "rate_limited", /20 in a minute/],
    [{ data: { error: 16, errname: "EBUSY", reason: "[EBUSY] Rate Limit Exceeded" } }, "rate_limited", /20 in a/],
    [{ data: { error: 16, errname: "EBUSY", reason: "[EBUSY] in progress" } }, "server_error", /EBUSY/],
    [{ data: { error: 95, errname: "EOPNOTSUPP" } }, "unauthorized", /security level/],
    [{ data: { error: 207, errname: "ENOTAUTHENTICATED" } }, "server_error", /ENOTAUTHENTICATED/],
    [{ code: -32_601, data: null }, "not_found", /error -32601/],
    [{ code: undefined, data: undefined, message: KEY }, "server_error", /without a number/],
    [{ data: { errname: `E${KEY}` } }, "server_error", /refuses it/],
    [{ data: { errname: "EINVAL", reason: `unexpected authenticator run state ${KEY}` } }, "server_error", /EINVAL/],
  ])("%j is told without what the server echoes", async (failure, reason, message) => {
    for (const username of [undefined, "watchkeeper"]) {
      const refused = await outcome("26", fails(failure), username);
      expect(refused).toMatchObject({ reason, message: expect.stringMatching(message) });
      expect(inspect(refused, { depth: 10, showHidden: true })).not.toContain("hunter2");
    }
  });
});
