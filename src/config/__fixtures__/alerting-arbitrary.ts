import fc from "fast-check";

type Written = Record<string, unknown>;

const some = <T extends Record<string, fc.Arbitrary<unknown>>>(model: T) =>
  fc.record(model, { requiredKeys: [] }) as fc.Arbitrary<Written>;
const join = (...parts: readonly fc.Arbitrary<Written>[]) =>
  fc.tuple(...parts).map((found) => Object.assign({}, ...found) as Written);

const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,10}$/);
const url = fc.stringMatching(/^https:\/\/[a-z]{1,8}\.example(?::9093)?$/);
const byName = { selector: (entry: Written) => entry["name"], minLength: 1, maxLength: 3 };
const matchers = fc.array(
  fc.constantFrom('severity="critical"', 'team=~"infra|db"', "{a!=b, c!~d}", '"a label"="é\\n"', 'empty=""'),
  { minLength: 1, maxLength: 2 },
);
const duration = fc.constantFrom("1m", "1h30m", "1d");

const bearer = (secret: string) =>
  fc.constantFrom({ type: "bearer", token: secret }, { type: "bearer", token_file: "a-file" });
const basic = (secret: string) => fc.constant({ type: "basic", username: "me", password: secret });

const source = (secret: string) =>
  join(
    fc.record({ name }),
    some({
      credentials: fc.array(
        fc.oneof(
          bearer(secret),
          basic(secret),
          join(fc.constant({ type: "hmac", secret }), some({ timestamp_header: fc.constant("x-time") })),
        ),
        { maxLength: 2 },
      ),
      alertmanager: join(
        fc.record({ urls: fc.array(url, { minLength: 1, maxLength: 2 }) }),
        some({ ca_file: fc.constant("a-file"), login: fc.oneof(bearer(secret), basic(secret)) }),
      ),
      watchdog: some({ matchers, every: duration, misses: fc.integer({ min: 1, max: 100 }) }),
    }),
  );

const destination = (secret: string) =>
  fc.oneof(
    join(fc.record({ type: fc.constant("hook"), name, url }), some({ rate: fc.integer({ min: 1, max: 6_000 }) })),
    fc.record({ type: fc.constant("chat"), name, key: fc.constant(secret), room: fc.constant("ops") }),
  );

const calendar = some({
  times: fc.constant([{ start_time: "22:00", end_time: "24:00" }]),
  weekdays: fc.constant(["monday:friday", "sunday"]),
  days_of_month: fc.constant(["1:5", "-3:-1"]),
  months: fc.constant(["january:march", "12"]),
  years: fc.constant(["2026:2030"]),
  location: fc.constantFrom("UTC", "Europe/Berlin"),
});
const interval = fc.record({ name, time_intervals: fc.array(calendar, { minLength: 1, maxLength: 2 }) });

const namesOf = (entries: readonly Written[]): string[] => entries.map((entry) => String(entry["name"]));

function route(destinations: readonly string[], intervals: readonly string[]): fc.Arbitrary<Written> {
  const told = fc.subarray([...destinations], { minLength: 1 });
  const quiet = intervals.length === 0 ? {} : { mute_time_intervals: fc.constant([intervals[0]]) };
  const child = (depth: number): fc.Arbitrary<Written> =>
    some({
      matchers,
      destinations: told,
      group_by: fc.subarray(["alertname", "cluster"]),
      continue: fc.boolean(),
      ...quiet,
      routes: depth === 0 ? fc.constant([]) : fc.array(child(depth - 1), { maxLength: 2 }),
    });
  return join(fc.record({ destinations: told, routes: fc.array(child(2), { maxLength: 2 }) }), some(quiet));
}

/** Sections `alerting` without a fault, whose every secret is the one that is given. */
export const alertingSection = (secret: string): fc.Arbitrary<Written> =>
  fc
    .record({
      sources: fc.uniqueArray(source(secret), byName),
      destinations: fc.uniqueArray(destination(secret), byName),
      time_intervals: fc.uniqueArray(interval, { ...byName, minLength: 0 }),
    })
    .chain((lists) => {
      const destinations = namesOf(lists.destinations);
      return join(
        fc.constant(lists),
        fc.record({ route: route(destinations, namesOf(lists.time_intervals)) }),
        some({
          storm: some({ new_per_minute: fc.integer({ min: 1, max: 10_000 }) }),
          fallback: fc.subarray(destinations),
          dead_man: fc.constant({ url: `https://hc.example/${secret}` }),
          retention: some({ groups: fc.constant("30d"), journal: fc.constantFrom("1h", "7d") }),
        }),
      );
    });
