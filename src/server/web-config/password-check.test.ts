import { hash } from "@node-rs/bcrypt";
import { describe, expect, it } from "vitest";
import { Secret } from "../../core/secret.ts";
import { QueueFullError } from "./fair-queue.ts";
import { PasswordCheck, readCredentials } from "./password-check.ts";

const basic = (text: string | Buffer): string => `Basic ${Buffer.from(text).toString("base64")}`;

const usersOf = (hashes: Record<string, string>) =>
  new Map(Object.entries(hashes).map(([user, text]) => [user, new Secret(text)]));

const given = (user: string, password: string) => ({ user, password: Buffer.from(password) });

/** A check whose comparisons wait until they are told to go on. */
function heldCheck(options: { perClient?: number; remembered?: number } = {}) {
  const compared: string[] = [];
  const waiting: (() => void)[] = [];
  let running = 0;
  let most = 0;
  const check = new PasswordCheck({
    ...options,
    verify: async (password, stored) => {
      compared.push(`${password.toString()} ${stored.slice(0, 6)}`);
      most = Math.max(most, ++running);
      await new Promise<void>((resolve) => waiting.push(resolve));
      running--;
      return password.toString() === "right";
    },
  });
  /** Lets comparisons go on until the promise settles. */
  const settle = <T>(promise: Promise<T>): Promise<T> => {
    const going = setInterval(() => waiting.shift()?.(), 0);
    return promise.finally(() => clearInterval(going));
  };
  return { check, compared, settle, most: () => most };
}

const STORED = "$2y$07$gIjvm1DUhl2fG2CmdaPdgOtxucfi64.0v327kLIX5Fjj7leJl9Ylu";
const users = usersOf({ alice: STORED });

describe("readCredentials", () => {
  it.each([
    [basic("alice:right"), "alice", "right"],
    [basic("alice:a:b"), "alice", "a:b"],
    [basic(":"), "", ""],
    [basic("älice:pässword"), "älice", "pässword"],
    [`bASIC   ${Buffer.from("a:b").toString("base64")}`, "a", "b"],
  ])("reads %j", (header, user, password) => {
    expect(readCredentials(header)).toEqual({ user, password: Buffer.from(password) });
  });

  it.each([undefined, "", "Basic", "Basic ", "Bearer YTpi", "Basic YTpi YTpi", "Basic ???", basic("no colon"), "YTpi"])(
    "refuses %j",
    (header) => {
      expect(readCredentials(header)).toBeUndefined();
    },
  );
});

describe("PasswordCheck", () => {
  // made by htpasswd -nbBC and by openbsd's prefix
  it.each([
    "$2y$05$gIjvm1DUhl2fG2CmdaPdgOtxucfi64.0v327kLIX5Fjj7leJl9Ylu",
    "$2y$10$HX0a9jkxc.6e9TXNeRLm2euvHfT32poiJPnbhxLotC9ZxRFMC4266",
    "$2y$12$4BpNXSgYoDAszP0h1ql18ecZw9hZO1Vddh2xLiQVaoiFw1xxRM.Xq",
    "$2b$05$gIjvm1DUhl2fG2CmdaPdgOtxucfi64.0v327kLIX5Fjj7leJl9Ylu",
    "$2a$05$gIjvm1DUhl2fG2CmdaPdgOtxucfi64.0v327kLIX5Fjj7leJl9Ylu",
  ])("takes the password of %s", async (stored) => {
    const check = new PasswordCheck();
    const known = usersOf({ scraper: stored });
    expect(await check.check(known, given("scraper", "correct horse"), "a")).toBe(true);
    expect(await check.check(known, given("scraper", "correct horsf"), "a")).toBe(false);
  });

  it("refuses an unknown user, even with a password that someone has", async () => {
    const check = new PasswordCheck();
    const known = usersOf({ alice: await hash("right", { cost: 4 }) });
    expect(await check.check(known, given("bob", "right"), "a")).toBe(false);
    expect(await check.check(known, given("", ""), "a")).toBe(false);
    expect(await check.check(known, given("constructor", "right"), "a")).toBe(false);
    expect(await check.check(new Map(), given("alice", "right"), "a")).toBe(false);
  });

  it("does as much work for an unknown user, at a cost that some user has", async () => {
    const { check, compared, settle } = heldCheck();
    const known = usersOf({ alice: STORED, carol: STORED.replace("$07$", "$09$") });
    expect(await settle(check.check(known, given("bob", "right"), "a"))).toBe(false);
    expect(await settle(check.check(known, given("bob", "x"), "a"))).toBe(false);
    expect(compared).toHaveLength(2);
    expect(new Set(compared.map((line) => line.split(" ")[1])).size).toBe(1);
    expect(compared[0]).toMatch(/right \$2y\$0[79]/);
  });

  it("compares once, whether good or bad, and again for another hash", async () => {
    const { check, compared, settle } = heldCheck();
    for (const password of ["right", "right", "wrong", "wrong"])
      expect(await settle(check.check(users, given("alice", password), "a"))).toBe(password === "right");
    expect(compared).toHaveLength(2);
    await settle(check.check(usersOf({ alice: STORED.replace("gIjv", "gIjw") }), given("alice", "right"), "a"));
    expect(compared).toHaveLength(3);
  });

  it("compares once for many who ask at the same time", async () => {
    const { check, compared, settle } = heldCheck();
    const answers = Array.from({ length: 50 }, () => check.check(users, given("alice", "right"), "a"));
    expect(await settle(Promise.all(answers))).toEqual(Array(50).fill(true));
    expect(compared).toHaveLength(1);
  });

  it("keeps good results when bad ones come in a flood, and forgets old bad ones", async () => {
    const { check, compared, settle } = heldCheck({ remembered: 10 });
    await settle(check.check(users, given("alice", "right"), "a"));
    for (let i = 0; i < 30; i++) await settle(check.check(users, given("alice", `guess ${i}`), "b"));
    expect(compared).toHaveLength(31);
    expect(await check.check(users, given("alice", "right"), "a")).toBe(true);
    expect(compared).toHaveLength(31);
    await settle(check.check(users, given("alice", "guess 0"), "b"));
    expect(compared).toHaveLength(32);
  });

  it("compares one at a time, a guest before the rest of a flood, and turns the flood away", async () => {
    const { check, compared, settle, most } = heldCheck({ perClient: 8 });
    const flood = Array.from({ length: 20 }, (_, i) =>
      check.check(users, given("alice", `guess ${i}`), "attacker").catch((error: unknown) => error),
    );
    const guest = check.check(users, given("alice", "right"), "guest");
    expect(await settle(guest)).toBe(true);
    expect(compared.findIndex((line) => line.startsWith("right"))).toBe(2);
    const answers = await settle(Promise.all(flood));
    expect(answers.filter((answer) => answer === false)).toHaveLength(9);
    expect(answers.filter((answer) => answer instanceof QueueFullError)).toHaveLength(11);
    expect(most()).toBe(1);
  });

  it("asks again after a comparison that failed", async () => {
    let calls = 0;
    const check = new PasswordCheck({
      verify: async () => {
        if (++calls === 1) throw new Error("no memory");
        return true;
      },
    });
    await expect(check.check(users, given("alice", "x"), "a")).rejects.toThrow("no memory");
    expect(await check.check(users, given("alice", "x"), "a")).toBe(true);
  });
});
