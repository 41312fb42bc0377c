import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { milliseconds } from "../../../../core/duration.ts";
import { createAuthority, type IssuedCertificate } from "../../../../lab/certificates.ts";
import { waitUntil } from "../../../../../test/helpers/wait-until.ts";
import { bytes, XMPP_OFFER, STARTTLS_PROTOCOLS, stepsOf } from "../__fixtures__/dialogues.ts";
import {
  closeServers,
  endpointAt,
  errorOf,
  playSteps,
  probeOnce,
  servedNames,
  startScripted,
  startServer,
  type Step,
} from "../__fixtures__/servers.ts";
import type { Protocol } from "../../endpoint.ts";

let issued: IssuedCertificate;
beforeAll(async () => {
  issued = await (await createAuthority()).issue({ hosts: ["nas.lan"] });
});
afterEach(closeServers);

const tlsOptions = () => ({ cert: issued.certificatePem, key: issued.keyPem });

/** The same steps with every byte said by itself. */
const dripped = (steps: readonly Step[]): readonly Step[] =>
  steps.flatMap((step): readonly Step[] =>
    "say" in step ? Array.from(Buffer.from(step.say), (byte) => ({ say: Buffer.of(byte) })) : [step],
  );

const REQUESTS: Partial<Record<Protocol, string>> = {
  ldap: `301d02010177188016${Buffer.from("1.3.6.1.4.1.1466.20037").toString("hex")}`,
  postgres: "0000000804d2162f",
  mysql: "20000001008a0800000000012d",
};

describe.each(STARTTLS_PROTOCOLS)("%s", (protocol) => {
  test("TLS begins after its words", async () => {
    const { port, heard } = await startScripted(stepsOf(protocol), tlsOptions());
    const result = await probeOnce(endpointAt(port, { protocol }));
    expect(errorOf(result)).toBe("none");
    expect(servedNames(result)).toEqual(["nas.lan"]);
    expect(Buffer.from(heard[0] ?? "", "latin1").toString("hex")).toMatch(new RegExp(`^${REQUESTS[protocol] ?? ""}`));
  });

  test("words that come byte by byte are the same", async () => {
    const { port } = await startScripted(dripped(stepsOf(protocol)), tlsOptions());
    const result = await probeOnce(endpointAt(port, { protocol }));
    expect(errorOf(result)).toBe("none");
  });

  test("what is put after the last word is not taken into TLS", async () => {
    const steps = stepsOf(protocol);
    const last = steps.findLastIndex((step) => "say" in step);
    const injected = steps.map((step, i) =>
      i === last && "say" in step ? { say: bytes(Buffer.from(step.say).toString("latin1"), "* injected\r\n") } : step,
    );
    const { port } = await startScripted(injected, tlsOptions());
    const result = await probeOnce(endpointAt(port, { protocol }));
    expect(errorOf(result)).toMatch(/^invalid_response: .*plain text where TLS begins/);
    expect(result.tls).toBeUndefined();
  });

  test("a server that closes instead of speaking is told", async () => {
    const { port } = await startServer((socket) => socket.end());
    const result = await probeOnce(endpointAt(port, { protocol }));
    expect(errorOf(result)).toMatch(
      /^connection_reset: \w+:\/\/127\.0\.0\.1:\d+: .*(?:closed before the|EPIPE|ECONNRESET)/,
    );
  });

  test("megabytes without an end are not read", async () => {
    const { port } = await startServer((socket) => {
      const more = (): void => {
        while (socket.writable && socket.write(Buffer.alloc(65_536, protocol === "xmpp" ? "<a>" : " "))) {}
      };
      socket.on("drain", more);
      more();
    });
    const result = await probeOnce(endpointAt(port, { protocol }));
    expect(errorOf(result)).toMatch(/^invalid_response: /);
  });
});

test("a server that falls silent at any word is left at the deadline, and the word is told", async () => {
  const silences = STARTTLS_PROTOCOLS.flatMap((protocol) =>
    stepsOf(protocol).flatMap((step, i) => ("say" in step ? [{ protocol, steps: stepsOf(protocol).slice(0, i) }] : [])),
  );
  expect(silences.length).toBeGreaterThan(12);
  const errors = await Promise.all(
    silences.map(async ({ protocol, steps }) => {
      const { port } = await startServer((socket) => playSteps(socket, steps));
      return errorOf(await probeOnce(endpointAt(port, { protocol, timeout: milliseconds(2_000) })));
    }),
  );
  for (const error of errors)
    expect(error).toMatch(
      /^timeout: \w+:\/\/[\d.:]+: the .*(?:greeting|answer|features).* was not complete within 2s$/,
    );
  expect(errors).toContainEqual(expect.stringMatching(/^timeout: smtp:.* the answer to EHLO was/));
});

test("the name of the server can not break out of the stream's opening", async () => {
  const { port, heard } = await startScripted([{ hear: /streams'>$/ }, { say: XMPP_OFFER }], tlsOptions());
  const probing = probeOnce(endpointAt(port, { protocol: "xmpp", serverName: "a'><b&", timeout: milliseconds(500) }));
  await waitUntil("the stream is opened", () => heard.length > 0);
  expect(heard[0]).toContain("to='a&apos;&gt;&lt;b&amp;'");
  await probing;
});
