import { describe, expect, it } from "vitest";
import { z } from "zod";
import { secretPair } from "./config-fields.ts";
import { Secret } from "./secret.ts";

const token = secretPair("token", "Token of the API.");
const password = secretPair("password", "Password of the user.");
const schema = password.exactlyOne(
  token.exactlyOne(z.strictObject({ user: z.string(), ...token.fields, ...password.fields })),
);
const messages = (input: unknown) =>
  schema.safeParse(input).error?.issues.map(({ path, message }) => [path.join("."), message]);

describe("secretPair", () => {
  it("gives the source of the secret, whichever was written", () => {
    const config = schema.parse({ user: "u", token: "t", password_file: "/p" });
    expect(token.source(config)).toEqual({ value: new Secret("t"), file: undefined });
    expect(token.source(config).value?.reveal()).toBe("t");
    expect(password.source(config)).toEqual({ value: undefined, file: "/p" });
  });

  it("refuses both and neither, beside other faults", () => {
    expect(messages({ user: 5, token: "t", token_file: "/t" })).toEqual([
      ["user", expect.any(String)],
      ["token", "stands beside token_file: keep one of the two"],
      ["", "needs password or password_file: Password of the user."],
    ]);
  });

  it("says nothing about what is no object", () => {
    expect(messages([])).toHaveLength(1);
    expect(messages(undefined)).toHaveLength(1);
  });

  it("is part of the JSON Schema", () => {
    expect(z.toJSONSchema(schema, { io: "input" })).toMatchObject({
      properties: { token: { description: "Token of the API.", writeOnly: true }, token_file: { format: "path" } },
      allOf: [
        { oneOf: [{ required: ["token"] }, { required: ["token_file"] }] },
        { oneOf: [{ required: ["password"] }, { required: ["password_file"] }] },
      ],
    });
  });
});
