import { days } from "../../../core/duration.ts";
import { makeCertificate, type Entity } from "../x509/issuing.ts";
import type { Hierarchy } from "../x509/hierarchy.ts";
import type { Plan } from "./plan.ts";

const HUGE = 100;

/** Endpoints by what they serve after their own certificate. */
export const CHAIN_PLANS = {
  incomplete: {
    help: "leaves out the intermediate certificate",
    chain: () => [],
    isInTarget: true,
    expectation: { served: 1, failed: { trust: "incomplete", chain_complete: "incomplete" } },
  },
  misordered: {
    help: "serves two intermediate certificates the wrong way round",
    leaf: { issuer: "issuing" },
    chain: ({ intermediate, issuing }) => [intermediate, issuing],
    expectation: { served: 3, failed: { chain_order: "misordered" } },
  },
  duplicate: {
    help: "serves the intermediate certificate twice",
    chain: ({ intermediate }) => [intermediate, intermediate],
    expectation: { served: 3, failed: { chain_order: "duplicate" } },
  },
  unrelated: {
    help: "serves the certificate of an authority that has nothing to do with it",
    chain: ({ intermediate, stranger }) => [intermediate, stranger],
    expectation: { served: 3, failed: { chain_order: "unrelated" } },
  },
  with_root: {
    help: "serves the root too, which nobody needs",
    chain: ({ intermediate, root }) => [intermediate, root],
    expectation: { served: 3 },
  },
  cross_signed: {
    help: "serves a chain that is trusted only because the old root signed the next one",
    leaf: { issuer: "nextIntermediate", age: days(20) },
    chain: ({ nextIntermediate, crossSigned }) => [nextIntermediate, crossSigned],
    expectation: { served: 3 },
  },
  huge_chain: {
    help: "serves a hundred certificates, each of which was signed by the next and the last by an authority that nobody trusts",
    leaf: { issuer: "stranger" },
    chain: hugeChain,
    expectation: { served: HUGE, failed: { trust: "unknown_authority" } },
  },
} as const satisfies Record<string, Plan>;

/** After the leaf comes its authority, which one signed that another signed, and so on. */
async function hugeChain({ stranger, nextRoot }: Hierarchy, { certificate }: Entity): Promise<readonly Entity[]> {
  const period = { notBefore: certificate.notBefore, notAfter: certificate.notAfter };
  let issuer: Entity = nextRoot;
  const chain: Entity[] = [];
  for (let i = 1; i < HUGE; i += 1) {
    // The first to be made is the last of the chain, the last to be made has the name and key of the leaf's authority.
    issuer = await makeCertificate({
      commonName: i === HUGE - 1 ? "Nobody's Root" : `Watchkeeper Lab Link ${i}`,
      issuer,
      isAuthority: true,
      key: stranger.keys,
      ...period,
    });
    chain.unshift(issuer);
  }
  return chain;
}
