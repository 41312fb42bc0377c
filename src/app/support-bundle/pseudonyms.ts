import { isIP } from "node:net";
import { createPhrases } from "./phrases.ts";
import { dissect, rewrite } from "./rewrite.ts";
import { tokensIn, type Token } from "./tokens.ts";

/** Other words for what nobody else is to read: the same for the same, so that it can still be followed. */
export interface Pseudonyms {
  /** `target-1` for the first text of the kind `target`. */
  of(kind: string, text: string): string;
  /** `host-1`, or an address that is kept for documentation; what means this machine itself stays. */
  host(text: string): string;
  /** A URL with its scheme and its port, and with other words for host and path; no login, query or fragment. */
  url(text: string): string;
  /** Everything in a sentence that was named before, and what looks like a name of a machine, an address or a path. */
  inText(text: string): string;
}

/** They mean this machine, whichever it is. */
const LOCAL: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "::1", "0.0.0.0", "::"]);

/** Source: https://www.rfc-editor.org/rfc/rfc5737 */
const DOCUMENTATION = ["192.0.2", "198.51.100", "203.0.113"];

/** What ends a file's name and tells what it is. */
const KNOWN_ENDING = /\.(?:crt|db|der|jks|json|key|p12|pem|pfx|ya?ml)$/i;

/** Makes new ones. Words of `vocabulary`, which are the product's own in lower case, are left alone in sentences. */
export function createPseudonyms(vocabulary: ReadonlySet<string>): Pseudonyms {
  const given = new Map<string, string>();
  const counts = new Map<string, number>();
  /** What stands for a text in sentences. */
  const known = createPhrases();

  const next = (kind: string): number => {
    const count = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, count);
    return count;
  };
  const give = (kind: string, text: string, make: () => string): string => {
    const key = `${kind} ${text}`;
    const found = given.get(key) ?? make();
    given.set(key, found);
    // of one letter there are too many in a sentence
    if (text.length > 1 && !vocabulary.has(text.toLowerCase())) known.add(text, found);
    return found;
  };
  const named = (kind: string, text: string): string =>
    give(kind, text, () => {
      const ending = kind === "file" ? (KNOWN_ENDING.exec(text)?.[0].toLowerCase() ?? "") : "";
      return `${kind}-${next(kind)}${ending}`;
    });

  const host = (text: string): string => {
    const name = text.toLowerCase().replace(/^\[(.*)\]$/, "$1");
    if (LOCAL.has(name)) return name;
    const version = isIP(name);
    return give("host", name, () => (version === 0 ? `host-${next("host")}` : documentationAddress(version, next)));
  };
  const of = (kind: string, text: string): string =>
    kind === "mail" ? mailAddress(text, named, host) : named(kind, text);

  const url = (text: string): string => {
    const parsed = URL.parse(text);
    if (parsed === null || parsed.hostname === "") return named("url", text);
    const name = host(decoded(parsed.hostname));
    const path = parsed.pathname.replace(/^\/+|(?<!\/)\/+$/g, "");
    // what a path is called may be a name too
    return `${parsed.protocol}//${name.includes(":") ? `[${name}]` : name}${parsed.port === "" ? "" : `:${parsed.port}`}${path === "" ? "" : `/${named("path", path)}`}`;
  };

  const isVersion = (text: string): boolean => /^v?\d+(?:\.\d+)+[a-z]{0,3}$/i.test(text);
  const isOwn = (part: string): boolean => vocabulary.has(part.toLowerCase()) || /^\d{1,9}$/.test(part);
  /** Whether a token is nobody's: a name of the product, a path of the configuration, a version, a duration. */
  const isPublic = ({ kind, text }: Token): boolean =>
    (kind === "identifier" || kind === "name") && isIP(text) === 0 && (isVersion(text) || text.split(".").every(isOwn));
  /** An identifier that is not the product's is made of words. */
  const isWhole = (token: Token): boolean => token.kind !== "identifier" || isPublic(token);
  const wordFor = (token: Token): string => {
    const { kind, text } = token;
    if (isPublic(token)) return text;
    if (kind === "url") return url(text);
    return kind === "mail" ? of("mail", text) : kind === "path" ? named("file", text) : host(text);
  };

  return {
    of,
    host,
    url,
    inText(text) {
      const { atoms, tokens } = dissect(text, tokensIn(text).filter(isWhole));
      return rewrite(atoms, tokens, known, wordFor);
    },
  };
}

/** Of a scheme that is not the web's, the host may hold a percent sign that encodes nothing. */
function decoded(host: string): string {
  try {
    return decodeURIComponent(host);
  } catch {
    return host;
  }
}

function documentationAddress(version: number, next: (kind: string) => number): string {
  if (version === 6) return `2001:db8::${next("IPv6").toString(16)}`;
  const nth = next("IPv4") - 1;
  const network = DOCUMENTATION[Math.floor(nth / 254)];
  return network === undefined ? `address-${nth + 1}` : `${network}.${(nth % 254) + 1}`;
}

type Of = Pseudonyms["of"];

function mailAddress(text: string, named: Of, host: (text: string) => string): string {
  const [, user, domain] = /^(?:[^<]*<)?([^<>@]*)@([^<>@\s]*)>?$/.exec(text) ?? [];
  if (user === undefined || domain === undefined) return named("mail", text);
  return `${named("user", user.toLowerCase())}@${host(domain)}`;
}
