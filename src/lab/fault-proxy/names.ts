import dns from "node:dns";
import { syncBuiltinESMExports } from "node:module";

/** A name that this process resolves to 127.0.0.1, as long as it is known. */
export interface LabName {
  readonly name: string;
  /** Whether the resolver knows it; without it, it says ENOTFOUND. */
  setKnown(isKnown: boolean): void;
  /** Ends it; with the last name Node's own resolver is as it was. */
  release(): void;
}

type Callback = (error: NodeJS.ErrnoException | null, ...found: unknown[]) => void;
type Resolving = (host: string, ...rest: unknown[]) => unknown;

const ADDRESS = "127.0.0.1";
const names = new Map<string, boolean>();
const { lookup, Resolver } = dns;
const { lookup: lookupPromise } = dns.promises;
const { resolve4, resolve6 } = Resolver.prototype;
let counted = 0;

/**
 * Makes a name below `lab.test` that `dns.lookup` (which everything goes by that connects in Node) and `dns.Resolver`
 * know in this process and nobody else.
 */
export function createLabName(prefix: string): LabName {
  counted += 1;
  const name = `${prefix}-${counted}.lab.test`;
  if (names.size === 0) install();
  names.set(name, true);
  return {
    name,
    setKnown: (isKnown) => void names.set(name, isKnown),
    release: () => {
      if (names.delete(name) && names.size === 0) restore();
    },
  };
}

function install(): void {
  Object.assign(dns, { lookup: withNames(lookup, lookUp) });
  Object.assign(dns.promises, { lookup: withPromise });
  Object.assign(Resolver.prototype, {
    resolve4: withNames(resolve4, (host, callback) => answer(host, callback, [ADDRESS])),
    resolve6: withNames(resolve6, (host, callback) => answer(host, callback)),
  });
  syncBuiltinESMExports();
}

function restore(): void {
  Object.assign(dns, { lookup });
  Object.assign(dns.promises, { lookup: lookupPromise });
  Object.assign(Resolver.prototype, { resolve4, resolve6 });
  syncBuiltinESMExports();
}

/** A function of Node's resolver, `(host, options?, callback)`, that answers our names by itself. */
function withNames(original: unknown, ours: (host: string, callback: Callback, options: unknown) => void): unknown {
  return function resolveName(this: unknown, host: string, ...rest: readonly unknown[]): unknown {
    if (!names.has(host)) return (original as Resolving).call(this, host, ...rest);
    return ours(host, rest.at(-1) as Callback, rest[0]);
  };
}

function lookUp(host: string, callback: Callback, options: unknown): void {
  const wantsAll = typeof options === "object" && options !== null && "all" in options && options.all === true;
  if (wantsAll) answer(host, callback, [{ address: ADDRESS, family: 4 }]);
  else answer(host, callback, ADDRESS, 4);
}

async function withPromise(host: string, options: dns.LookupOptions): Promise<unknown> {
  if (!names.has(host)) return lookupPromise(host, options);
  return new Promise((resolve, reject) => {
    const found: Callback = (error, address, family) => {
      if (error !== null) reject(error);
      else resolve(options?.all === true ? address : { address, family });
    };
    lookUp(host, found, options);
  });
}

/** Never before the caller has gone on, as a real resolver; nothing found is a name that is not known. */
function answer(host: string, callback: Callback, ...found: readonly unknown[]): void {
  const message = `getaddrinfo ENOTFOUND ${host}`;
  setImmediate(() => {
    if (found.length > 0 && names.get(host) === true) callback(null, ...found);
    else callback(Object.assign(new Error(message), { code: "ENOTFOUND", syscall: "getaddrinfo", hostname: host }));
  });
}
