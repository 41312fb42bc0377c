import { describe, expect, it } from "vitest";
import { z } from "zod";
import { Secret } from "../../core/secret.ts";
import type { HttpClient } from "../../lib/http/client.ts";
import { createCaller, SLOW } from "./api.ts";

const signal = new AbortController().signal;

describe("a server of which a datastore hangs", () => {
  it("is still asked what it answers at once", async () => {
    let inFlight = 0;
    const requestJson = async ({ url }: { readonly url: unknown }) => {
      inFlight += 1;
      if (String(url).endsWith("snapshots")) await new Promise(() => {});
      return { body: { data: "pong" } };
    };
    const http = { requestJson, close: async () => {} } as unknown as HttpClient;
    const access = { http, url: "https://a:8007", tokenId: "a@pbs!b", readSecret: async () => new Secret("hunter2") };
    const call = createCaller(access);
    for (let i = 0; i < 5; i++) void call({ path: "snapshots", shape: z.string(), signal, patience: SLOW });
    expect(await call({ path: "ping", shape: z.string(), signal, anonymous: true })).toBe("pong");
    expect(inFlight).toBe(3);
  });
});
