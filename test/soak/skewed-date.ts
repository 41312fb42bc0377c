/** Makes `Date` tell another time than the machine's; dates of given moments stay what they are. */
export function tellTime(now: () => number): void {
  const Machine = Date;
  globalThis.Date = new Proxy(Machine, {
    construct: (target, args, made) => {
      const given = args.length === 0 ? [now()] : args;
      return Reflect.construct(target, given, made === globalThis.Date ? target : made) as object;
    },
    apply: () => new Machine(now()).toString(),
    get: (target, name, self) => (name === "now" ? now : (Reflect.get(target, name, self) as unknown)),
  });
}
