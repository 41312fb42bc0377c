/** Whose vote counts for what: nodes by themselves, and the quorum device by its algorithm. */
export interface Votes {
  /** Votes of each node that is online. */
  readonly online: readonly number[];
  /** Votes of each node of the cluster. */
  readonly all: readonly number[];
  /** Undefined when there is none. */
  readonly device: { readonly algorithm: string; readonly isConnected: boolean } | undefined;
}

/** What {@link countVotes} finds; what can not be known is undefined. */
interface Count {
  readonly present: number | undefined;
  readonly expected: number | undefined;
  readonly tolerance: number | undefined;
}

/**
 * Counts votes, and how many more nodes may be lost, those with most votes first, before fewer than a majority are
 * left. Undefined when too few are there already: then the votes do not explain why the cluster goes on.
 * Source: votequorum(5), corosync-qdevice(8).
 */
export function countVotes({ online, all, device }: Votes): Count {
  const outside = device === undefined ? 0 : deviceVotes(device.algorithm, all.length);
  if (outside === undefined) return { present: undefined, expected: undefined, tolerance: undefined };
  const expected = sum(all) + outside;
  const constant = device?.isConnected === true ? outside : 0;
  const majority = Math.floor(expected / 2) + 1;
  const present = sum(online) + constant;
  return { present, expected, tolerance: present < majority ? undefined : losses(online, present - majority) };
}

function losses(online: readonly number[], spare: number): number {
  let rest = spare;
  let count = 0;
  for (const votes of online.toSorted((a, b) => b - a)) {
    rest -= votes;
    if (rest < 0) break;
    count += 1;
  }
  return count;
}

/** `Fifty-Fifty split` has one vote, `LMS` (last man standing) one less than there are nodes. */
function deviceVotes(algorithm: string, nodes: number): number | undefined {
  if (/fifty|ffsplit/i.test(algorithm)) return 1;
  return /lms/i.test(algorithm) ? nodes - 1 : undefined;
}

const sum = (votes: readonly number[]): number => votes.reduce((total, each) => total + each, 0);
