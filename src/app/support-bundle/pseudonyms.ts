import { isIP } from "node:net";

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

/** Makes new ones. Words of `vocabulary`, which are the product's own, are left alone in sentences. */
export function createPseudonyms(vocabulary: ReadonlySet<string>): Pseudonyms {
  const given = new Map<string, string>();
  const counts = new Map<string, number>();
  /** What stands for a text in sentences, by the text in lower case. */
  const known = new Map<string, string>();

  const next = (kind: string): number => {
    const count = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, count);
    return count;
  };
  const give = (kind: string, text: string, make: () => string): string => {
    const key = `${kind} ${text}`;
    const found = given.get(key) ?? make();
    given.set(key, found);
    const word = text.toLowerCase();
    // of one letter there are too many in a sentence
    if (word.length > 1 && !vocabulary.has(text) && !known.has(word)) known.set(word, found);
    return found;
  };
  const of = (kind: string, text: string): string => give(kind, text, () => `${kind}-${next(kind)}`);

  const host = (text: string): string => {
    const name = text.toLowerCase().replace(/^\[(.*)\]$/, "$1");
    if (LOCAL.has(name)) return name;
    const version = isIP(name);
    return give("host", name, () => (version === 0 ? `host-${next("host")}` : documentationAddress(version, next)));
  };

  const url = (text: string): string => {
    const parsed = URL.parse(text);
    if (parsed === null || parsed.hostname === "") return of("url", text);
    const name = host(decoded(parsed.hostname));
    const path = parsed.pathname.replace(/^\/+|\/+$/g, "");
    // what a path is called may be a name too
    return `${parsed.protocol}//${name.includes(":") ? `[${name}]` : name}${parsed.port === "" ? "" : `:${parsed.port}`}${path === "" ? "" : `/${of("path", path)}`}`;
  };

  const seen = (text: string): string => {
    if (text.includes("://")) return url(text);
    if (text.includes("@")) return mailAddress(text, of, host);
    if (text.startsWith("/")) return fileName(text, of);
    if (text.includes(":") && isIP(text) === 0) return text;
    if (text.split(".").every((part) => vocabulary.has(part) || /^\d{0,9}$/.test(part)) && isIP(text) === 0)
      return text;
    return host(text);
  };

  return {
    of: (kind, text) =>
      kind === "file" ? fileName(text, of) : kind === "mail" ? mailAddress(text, of, host) : of(kind, text),
    host,
    url,
    inText(text) {
      const words = [...known.keys()].toSorted((a, b) => b.length - a.length).map(escaped);
      const named = new RegExp(
        `(?<![A-Za-z0-9])(${words.length === 0 ? "(?!)" : words.join("|")})(?![A-Za-z0-9])`,
        "gi",
      );
      return text
        .split(named)
        .map((part, i) => (i % 2 === 1 ? (known.get(part.toLowerCase()) ?? "") : part.replaceAll(LOOKS, seen)))
        .join("");
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

/** URLs, mail addresses, paths, addresses of IPv6, and names with dots, IPv4 among them. */
const LOOKS = new RegExp(
  [
    String.raw`\b[a-z][a-z+.-]{1,20}:\/\/[^\s"'\`<>,;)\]]*[^\s"'\`<>,;:)\].]`,
    String.raw`[^\s"'<>@:;,()]+@[^\s"'<>@;,()]+`,
    String.raw`(?<![\w./])\/[\w.@+-]+(?:\/[\w.@+-]+)*`,
    String.raw`(?<![\w:])[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?![\w:])`,
    String.raw`\b(?:[\w-]+\.)+[\w-]+\b`,
  ].join("|"),
  "gi",
);

function documentationAddress(version: number, next: (kind: string) => number): string {
  if (version === 6) return `2001:db8::${next("IPv6").toString(16)}`;
  const nth = next("IPv4") - 1;
  const network = DOCUMENTATION[Math.floor(nth / 254)];
  return network === undefined ? `address-${nth + 1}` : `${network}.${(nth % 254) + 1}`;
}

type Of = Pseudonyms["of"];

function mailAddress(text: string, of: Of, host: (text: string) => string): string {
  const [, user = text, domain] = /^(?:.*<)?([^<>@]*)@([^<>@\s]*)>?$/.exec(text) ?? [];
  return domain === undefined ? of("mail", text) : `${of("user", user)}@${host(domain)}`;
}

const fileName = (text: string, of: Of): string =>
  of("file", text) + (KNOWN_ENDING.exec(text)?.[0].toLowerCase() ?? "");

const escaped = (text: string): string => text.replaceAll(/[^A-Za-z0-9_]/g, String.raw`\$&`);
