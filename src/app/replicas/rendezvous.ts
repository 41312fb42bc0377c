import { hash } from "node:crypto";

/**
 * Who of the members gets the key, by the highest random weight: when a member goes only its keys move, and when one
 * comes it takes its share from all. The order of the members does not matter; undefined without any.
 * Source: https://www.eecs.umich.edu/techreports/cse/96/CSE-TR-316-96.pdf
 */
export function ownerOf(key: string, members: Iterable<string>): string | undefined {
  let owner: string | undefined;
  let highest = "";
  for (const member of members) {
    const weight = hash("sha256", JSON.stringify([member, key]), "hex");
    if (weight <= highest) continue;
    highest = weight;
    owner = member;
  }
  return owner;
}
