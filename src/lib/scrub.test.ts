import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createScrubber } from "./scrub.ts";

const scrub = createScrubber([]);
const base62 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const random = (length: number, from = base62) =>
  fc.array(fc.constantFrom(...from), { minLength: length, maxLength: length }).map((characters) => characters.join(""));
const withDigit = (length: number) => random(length - 3).map((text) => `${text}7a9`);
const below = (most: number): unknown => ({
  asymmetricMatch: (ratio: number) => ratio < most,
  toString: () => "Below",
  toAsymmetricMatcher: () => `below ${most}`,
});
const base64url = (text: string) => Buffer.from(text).toString("base64url");

/** Secrets that are known by their look wherever they stand. */
const known = fc.oneof(
  random(16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567").map((text) => `AKIA${text}`),
  random(36).map((text) => `ghp_${text}`),
  random(60).map((text) => `github_pat_${text}`),
  random(20).map((text) => `glpat-${text}`),
  fc.tuple(random(11, "0123456789"), random(24)).map(([id, text]) => `xoxb-${id}-${text}`),
  random(90).map((text) => `hvs.${text}`),
  random(24).map((text) => `s.${text}`),
  random(35).map((text) => `AIza${text}`),
  random(24).map((text) => `sk_live_${text}`),
  random(30, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789").map((text) => `R0${text}`),
  random(35).map((text) => `123456789:${text}`),
  fc
    .tuple(fc.string(), random(43))
    .map(
      ([subject, text]) =>
        `${base64url('{"alg":"HS256","typ":"JWT"}')}.${base64url(JSON.stringify({ sub: subject }))}.${text}`,
    ),
);
/** What the secrets above may stand within: texts, escapes, quotes, URLs. */
const frames: readonly (readonly [string, string])[] = [
  ["", ""],
  ["the key is ", ", said the server"],
  ['{"a":"', '","b":1}'],
  [String.raw`line\n`, String.raw`\nline`],
  ["https://example.org/?a=1&k=", "&b=2"],
  ["%22", "%22"],
  ["<a>", "</a>"],
  ["(", ")."],
  ["k:", ";"],
  ["\t'", "'\r\n"],
  ["日本語 ", " 日本語"],
];

/** A human's password, and how it is written after its name; `quoted` ones may hold any character but the quote. */
const password = fc.oneof(
  withDigit(12),
  fc.constantFrom("hunter2", "p@ss,w0rd", "a&b;c", "ab)c]d}e", "x=y==", "geheim!?", "#1$2%3^4*5(6"),
);
const spellings: readonly ((secret: string) => string)[] = [
  (secret) => `password=${secret}`,
  (secret) => `password=${secret} user=bob`,
  (secret) => `db_password: ${secret}`,
  (secret) => `{"password":"${secret}","user":"bob"}`,
  (secret) => `{"password": "${secret}"}`,
  (secret) => String.raw`"body":"{\"password\":\"${secret}\",\"n\":1}"`,
  (secret) => String.raw`{\\\"password\\\":\\\"${secret}\\\"}`,
  (secret) => `PGPASSWORD='${secret}' psql`,
  (secret) => `--db-password ${secret} --verbose`,
  (secret) => `<password>${secret}</password>`,
  (secret) => `apiKey => "${secret}"`,
  (secret) => `api_key := ${secret}`,
  (secret) => `X-Api-Key: ${secret}`,
  (secret) => `x-vault-token=[${secret}]`,
  (secret) => `map[client_secret:${secret} user:bob]`,
  (secret) => `Server=db;Password=${secret};Database=shop`,
  (secret) => `https://example.org/?access_token=${secret}&user=1`,
  (secret) => `postgres://shop:${secret.replaceAll("/", "")}@db:5432/shop`,
  (secret) => `password: '${secret}'`,
  (secret) => `routing_key=${secret}`,
];

describe("a scrubber", () => {
  it("leaves no secret that is known by its look, whatever stands around it", () => {
    const around = fc.constantFrom(...frames);
    fc.assert(
      fc.property(known, known, around, (one, other, [before, after]) => {
        const text = scrub(`${before}${one}${after} ${before}${other}${after}`);
        expect(text).not.toContain(one);
        expect(text).not.toContain(other);
        expect(text).toContain("<redacted>");
      }),
      { numRuns: 2_000 },
    );
  });

  it("leaves none that is known wherever it begins, though a text runs into it", () => {
    fc.assert(
      fc.property(known, fc.string({ unit: "grapheme-ascii", maxLength: 12 }), (secret, before) => {
        fc.pre(!/^(?:s\.|R0|\d)/.test(secret));
        expect(scrub(`${before}${secret}`)).not.toContain(secret);
        expect(scrub(`eyJunk.${secret} `)).not.toContain(secret);
      }),
      { numRuns: 2_000 },
    );
  });

  it("leaves no secret behind a name that says so, and the text around it", () => {
    fc.assert(
      fc.property(password, fc.constantFrom(...spellings), (secret, spell) => {
        const text = scrub(`before ${spell(secret)}\nafter`);
        expect(text).not.toContain(secret);
        expect(text.startsWith("before ")).toBe(true);
        expect(text.endsWith("\nafter")).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ["Authorization: Bearer abc123.def-456", "Authorization: Bearer <redacted>"],
    ['"authorization":["Bearer abc123.def-456"]', '"authorization":["Bearer <redacted>"]'],
    ["Authorization: Basic dXNlcjpwYXNz", "Authorization: Basic <redacted>"],
    ["Authorization: Token token=y_NbAkKc66ryYTWUXYEu", "Authorization: Token <redacted>"],
    ["authorization: ApiKey VnVhQ2ZHY0JDZGJrUW0tZTVhT3g6dWkybHA=", "authorization: ApiKey <redacted>"],
    ["Cookie: sid=abc123; lang=de", "Cookie: <redacted>"],
    ["Set-Cookie: sid=abc123; Path=/; HttpOnly", "Set-Cookie: <redacted>"],
    ["dial https://bob:s3cret@db.example.org/x?mail=a@b", "dial https://bob:<redacted>@db.example.org/x?mail=a@b"],
    ["https://4f0e1d2c3b4a5968@sentry.example.org/1", "https://<redacted>@sentry.example.org/1"],
    ["redis://:s3cret@cache:6379/0", "redis://:<redacted>@cache:6379/0"],
    ["?to=amqp%3A%2F%2Fbob%3As3%2Bcret%40mq%2Fx&a=1", "?to=amqp%3A%2F%2Fbob%3A<redacted>%40mq%2Fx&a=1"],
    ["body=%7B%22clientSecret%22%3A%22s3cret-1%22%7D", "body=%7B%22clientSecret%22%3A%22<redacted>%22%7D"],
    ["aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "aws_secret_access_key = <redacted>"],
    [
      "POST https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX 404",
      "POST https://hooks.slack.com/services/<redacted> 404",
    ],
    ["PVEAPIToken=root@pam!wk=550e8400-e29b-41d4-a716-446655440000", "PVEAPIToken=<redacted>"],
    ["token=Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5", "token=<redacted>"],
  ])("makes %s %s", (text, scrubbed) => {
    expect(scrub(text)).toBe(scrubbed);
    expect(scrub(scrubbed)).toBe(scrubbed);
  });

  it("takes out private keys, whole, escaped or cut off", () => {
    const body = `MIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nBKcwggSjAgEAAoIBAQ==`;
    const whole = `-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\n${body}\n-----END RSA PRIVATE KEY-----`;
    expect(scrub(`a ${whole} b ${whole} c`)).toBe("a <redacted> b <redacted> c");
    expect(scrub(`{"key":${JSON.stringify(whole)}}`)).toBe('{"key":"<redacted>"}');
    const cut = scrub(`a -----BEGIN PRIVATE KEY-----\n${body} (cut off)`);
    expect(cut).toBe("a <redacted>(cut off)");
    const certificate = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----";
    expect(scrub(certificate)).toBe(certificate);
  });

  const innocent = [
    "token expired",
    "invalid token: unexpected end of input",
    "token: expired, see https://example.org:8443/a@b",
    "Bearer authentication failed for user bob",
    "basic authentication is off",
    "authorization: denied for bob",
    "password must not be empty",
    "the password of bob was changed",
    "password: null",
    "secret default/shop-tls-2 not found",
    "max_tokens: 4096, total tokens: 1234567",
    "pwd=/home/shop",
    "password_file: /run/secrets/db",
    "cookie not found",
    "GET /api/v1/query?query=up&start=1764230400 200 12ms",
    "trace_id=4bf92f3577b34da6a3ce929d0e0e4736 span_id=00f067aa0ba902b7",
    "image registry.example.org/shop@sha256:4bf92f3577b34da6a3ce929d0e0e47364bf92f3577b34da6a3ce929d0e0e4736",
    "pod task-runner-deployment-7c9f8b6d5-abcde was OOMKilled",
    "eyJunkyard.of.keys and eyJ.",
    "com.acme.KeyJournalReplicator.replicate(KeyJournal.java:41)",
    "connect ECONNREFUSED 10.0.0.1:5432 after 3 tries",
    "ssh://git@example.org:22/shop.git",
    "compass=north bypass=true signature mismatch",
    "disk sda is 97 % full; user=bob host=db-1",
    "-----BEGIN PUBLIC KEY-----",
    "password=${DB_PASSWORD} password=**** password=<redacted>",
  ];

  it.each(innocent)("leaves `%s` as it is", (text) => {
    expect(scrub(text)).toBe(text);
  });

  it("leaves any of these beside each other as they are", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...innocent), { maxLength: 6 }), (lines) => {
        expect(scrub(lines.join("\n"))).toBe(lines.join("\n"));
      }),
    );
  });

  it("takes out what its owner's patterns find, and nothing for one that finds nothing", () => {
    const own = createScrubber(["cust-[0-9]+", "q*", "(?i)iban [A-Z0-9 ]{10,}"]);
    expect(own("cust-41 has IBAN DE02 1203 0000, cust-42 none")).toBe("<redacted> has <redacted>, <redacted> none");
    expect(() => createScrubber(["("])).toThrow(/missing closing \)/);
  });

  it("takes any text whatever, and changes nothing in what it has scrubbed", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), fc.constantFrom(...spellings), (text, spell) => {
        const once = scrub(spell(text));
        expect(scrub(once)).toBe(once);
      }),
      { numRuns: 1_000 },
    );
  });

  it("takes a time that grows with the length of the text, however it is built", () => {
    const pieces = [
      "eyJ",
      "password=",
      'password="',
      "://",
      "://a:",
      "-----BEGIN PRIVATE KEY-----",
      "Bearer ",
      "cookie: a=",
      "xoxb-",
      "s.",
    ];
    pieces.push(
      "password=[(",
      String.raw`\"`,
      "=!",
      "a",
      "--password ",
      "token: 'a",
      "Cookie: a=b;",
      "PVE:a:",
      "PVEAPIToken=",
      "eyJ.",
    );
    const time = (text: string): number => {
      const begun = performance.now();
      scrub(text);
      return performance.now() - begun;
    };
    const own = createScrubber(["(a|a)*b", "(x+x+)+y"]);
    time("warm".repeat(10_000));
    for (const piece of pieces) {
      const of = (length: number): string => piece.repeat(Math.ceil(length / piece.length));
      const [short, long] = [of(15_625), of(250_000)];
      const small = Math.max(2, Math.min(time(short), time(short)));
      // sixteen times the length: what grows with its square takes 256 times as long
      expect({ piece, ratio: Math.min(time(long), time(long)) / small }).toEqual({ piece, ratio: below(100) });
      time(of(1_000_000));
    }
    expect(own("a".repeat(100_000))).toHaveLength(100_000);
  }, 120_000);
});
