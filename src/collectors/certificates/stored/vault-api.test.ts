import type { z } from "zod";
import { describe, expect, it } from "vitest";
import { crlConfigShape, listEnds, listIssuers, listSerials, type PkiCall } from "./vault-api.ts";

const END = "2026-11-28T03:26:32Z";
const serialOf = (n: number): string => `0a:${(n + 0x100_000).toString(16).replace(/(..)(?=.)/g, "$1:")}`;

/** Answers by the path, as a server would. */
function answering(answer: (path: string, query: URLSearchParams) => unknown): { call: PkiCall; paths: string[] } {
  const paths: string[] = [];
  const call = async <T>(path: string, shape: z.ZodType<T>): Promise<T> => {
    paths.push(path);
    const [plain = "", query = ""] = path.split("?");
    return shape.parse(answer(plain, new URLSearchParams(query)));
  };
  return { call, paths };
}

const detailed = (serials: readonly string[]) => ({
  data: { keys: serials, key_info: Object.fromEntries(serials.map((serial) => [serial, { not_after: END }])) },
});

describe("the detailed list of issued certificates", () => {
  const all = Array.from({ length: 2_500 }, (_, i) => serialOf(i));

  it("is read page by page", async () => {
    const { call, paths } = answering((_, query) => {
      const after = all.filter((serial) => serial > (query.get("after") ?? ""));
      return detailed(after.slice(0, Number(query.get("limit"))));
    });
    const ends = await listEnds(call, "pki");
    expect([...ends.keys()]).toEqual(all);
    expect(ends.get(serialOf(7))).toBe(Date.parse(END) / 1000);
    expect(paths).toHaveLength(3);
  });

  it.each([1_000, 2_500])("ends when a server knows no pages and always gives the same %i", async (count) => {
    const { call, paths } = answering(() => detailed(all.slice(0, count)));
    expect((await listEnds(call, "pki")).size).toBe(count);
    expect(paths.length).toBeLessThanOrEqual(2);
  });
});

describe("answers of the PKI secrets engine", () => {
  it("names an issuer by its id when nobody named it, and tells where a key is missing", async () => {
    const key_info = { a: { issuer_name: "", key_id: "" }, b: { issuer_name: "root", key_id: "k" } };
    const { call } = answering(() => ({ data: { keys: ["a", "b", "c"], key_info } }));
    expect(await listIssuers(call, "pki")).toEqual([
      { id: "a", name: "a", hasKey: false },
      { id: "b", name: "root", hasKey: true },
      { id: "c", name: "c", hasKey: true },
    ]);
  });

  it.each(["../../sys/raw", "0a?x", "", "0a::1"])("takes no serial number that is not one: %j", async (serial) => {
    const { call } = answering(() => ({ data: { keys: [serial] } }));
    await expect(listSerials(call, "pki/certs")).rejects.toThrow("must match pattern");
  });

  it("takes what an old server does not say of its lists for off", () => {
    expect(crlConfigShape.parse({ data: { expiry: "72h" } })).toEqual({ isDisabled: false, hasDelta: false });
  });
});
