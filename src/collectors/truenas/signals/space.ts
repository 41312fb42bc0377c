import { days, hours } from "../../../core/duration.ts";
import {
  add,
  and,
  deriv,
  divide,
  equal,
  greater,
  less,
  max,
  maxOverTime,
  min,
  or,
  scalarMinus,
  select,
  unless,
} from "../../../core/promql.ts";
import { signal } from "../../../core/signal.ts";
import { disks, pools } from "../metrics/pools.ts";

const pool = ["target", "pool"] as const;
const used = max(select(pools.usableUsed), { by: pool });
const available = max(select(pools.usableAvailable), { by: pool });
const size = greater(max(select(pools.size), { by: pool }), 0);
const ofBootPool = max(select(pools.info, { role: "boot" }), { by: pool });
/** The boot pool tells its raw figures only; it is a mirror, so that they are what can be used. */
const usedShare = or(
  divide(used, greater(add(used, available), 0)),
  and(divide(max(select(pools.allocated), { by: pool }), size), ofBootPool),
);

/** Bytes in a second by which the free space shrinks, by the trend of three days. */
const shrinking = max(greater(scalarMinus(0, deriv(select(pools.usableAvailable).over(days(3)))), 0), { by: pool });
const daysAgo = (count: number) =>
  max(maxOverTime(select(pools.usableAvailable).over(hours(1), days(count))), { by: pool });
/**
 * Compared with the same hour of the days before, since many systems write by night and delete by day. Two days in
 * succession, so that one large copy is none.
 */
const lessEachDay = and(less(available, daysAgo(1)), less(daysAgo(1), daysAgo(2)));
const knownForLong = max(maxOverTime(select(pools.usableAvailable).over(hours(12), hours(54))), { by: pool });

/** Below this share in use a pool's trend is no concern: there is room for what is new. */
const FLOOR = 0.6;
/** Of the pools that grew on both of the last days and are known for longer. */
const timeUntilFull = and(and(and(divide(available, shrinking), lessEachDay), knownForLong), greater(usedShare, FLOOR));

const onDisks = (medium: readonly ["=~" | "!~", string]) =>
  max(select(disks.info, { medium, pool: ["!=", ""] }), { by: pool });

/** What can be asked of the space in pools. */
export const spaceSignals = {
  poolUsed: signal({
    title: "Pools: share in use",
    help: "Of the space as its owner sees it, without parity; of the boot pool, which does not tell that, of its raw size. From nine tenths on ZFS gets slow.",
    unit: "ratio",
    expr: usedShare,
  }),
  poolFullIn: signal({
    title: "Time until a pool is full",
    help: "By the trend of three days; nothing for a pool that does not grow, or has two fifths of its space left.",
    unit: "seconds",
    expr: timeUntilFull,
  }),
  poolUsedBytes: signal({
    title: "In use",
    help: "Space in use as its owner sees it, without parity.",
    unit: "bytes",
    expr: used,
  }),
  poolAvailable: signal({
    title: "Still free",
    help: "Space that can still be used as its owner sees it, without parity.",
    unit: "bytes",
    expr: available,
  }),
  fragmentation: signal({
    title: "Fragmentation of the free space",
    help: "High figures make writing slow, and only space that is freed makes them lower.",
    unit: "ratio",
    expr: max(select(pools.fragmentation), { by: pool }),
  }),
  withoutTrim: signal({
    title: "Data pools of SSDs alone that do not trim them",
    help: "One series for each; a scheduled trim is not known of.",
    unit: "boolean",
    expr: unless(
      and(
        and(equal(min(select(pools.autotrim), { by: pool }), 0), onDisks(["=~", "ssd|nvme"])),
        max(select(pools.info, { role: "data" }), { by: pool }),
      ),
      onDisks(["!~", "ssd|nvme"]),
    ),
  }),
};
