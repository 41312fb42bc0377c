import { describe, expect, it } from "vitest";
import type { ReadResult } from "../certificate.ts";
import { CertificateReader } from "../x509/certificate-reader.ts";
import { makeAuthority, makeList, NOW } from "./__fixtures__/certificates.ts";
import { ListStore } from "./list-store.ts";

const MEBIBYTE = 1024 ** 2;
const bytes = await makeList(await makeAuthority());

/** Reads every list as if it were so long. */
class Lengthening extends CertificateReader {
  readonly #length: number;

  constructor(length: number) {
    super();
    this.#length = length;
  }

  override async read(input: Uint8Array): Promise<ReadResult> {
    const result = await super.read(input);
    const revocationLists = result.revocationLists.map((list) => ({ ...list, der: new Uint8Array(this.#length) }));
    return { ...result, revocationLists };
  }
}

function storeOf(length: number) {
  const fetched: string[] = [];
  const store = new ListStore(new Lengthening(length), async (url) => {
    fetched.push(url);
    return bytes;
  });
  const ask = (name: string) => store.get(name, NOW, new AbortController().signal);
  return { ask, fetched };
}

describe("kept revocation lists", () => {
  it("are at most 16 MiB; those that were asked for last stay", async () => {
    const { ask, fetched } = storeOf(6 * MEBIBYTE);
    for (const url of ["a", "b", "a", "c", "a", "c"]) await ask(url);
    expect(fetched).toStrictEqual(["a", "b", "c"]);
    await ask("b");
    expect(fetched).toStrictEqual(["a", "b", "c", "b"]);
    await ask("a");
    expect(fetched).toStrictEqual(["a", "b", "c", "b", "a"]);
  });

  it("hold the newest even when it alone is more", async () => {
    const { ask, fetched } = storeOf(20 * MEBIBYTE);
    await ask("a");
    await ask("a");
    expect(fetched).toStrictEqual(["a"]);
  });

  it("are not lost when another can not be had, which is remembered", async () => {
    let asked = 0;
    const store = new ListStore(new CertificateReader(), async (url) => {
      asked++;
      if (url === "b") throw new Error("down");
      return bytes;
    });
    const ask = (name: string) => store.get(name, NOW, new AbortController().signal);
    expect(await ask("a")).toBeDefined();
    expect(await ask("b")).toBeUndefined();
    expect(await ask("b")).toBeUndefined();
    expect(await ask("a")).toBeDefined();
    expect(asked).toBe(2);
  });
});
