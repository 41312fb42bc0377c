import { isLogin, isTokenHeader, looksSecret, REDACTED } from "./looks.ts";

/** No letter or digit before it, but for the end of an escape such as a written line break. */
const START = String.raw`(?<=^|[^A-Za-z0-9]|\\[nrt]|%[0-9A-Fa-f]{2})`;

/**
 * Tokens that are known by their beginning. Each ends where its characters do, so that none is looked through twice.
 * Sources:
 * https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github#githubs-token-formats,
 * https://docs.slack.dev/authentication/tokens,
 * https://developer.hashicorp.com/vault/docs/concepts/tokens#token-prefixes,
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids,
 * https://docs.gitlab.com/security/tokens/#token-prefixes, https://pve.proxmox.com/wiki/User_Management#pveum_tokens
 */
const TOKENS = new RegExp(
  [
    // AWS, Google, Azure's shared access signatures
    String.raw`(?:AKIA|ASIA)[0-9A-Z]{16}`,
    String.raw`AIza[\w-]{35}`,
    String.raw`ya29\.[\w-]{20,}`,
    // GitHub, GitLab, npm, PyPI
    String.raw`gh[pousr]_[A-Za-z0-9]{30,}`,
    String.raw`github_pat_\w{22,}`,
    String.raw`gl(?:pat|dt|rt|cbt|ptt|agent|oas|soat|ft)-[\w-]{20,}`,
    String.raw`npm_[A-Za-z0-9]{36}`,
    String.raw`pypi-[\w-]{40,}`,
    // Slack, Discord, Telegram, PagerDuty
    String.raw`xox[a-z]-[\w-]{10,}`,
    String.raw`xapp-\d-[\w-]{10,}`,
    String.raw`(?<=hooks\.slack\.com/(?:services|workflows|triggers)/)[\w/-]{16,}`,
    String.raw`(?<=discord(?:app)?\.com/api/webhooks/\d{1,24}/)[\w-]{20,}`,
    String.raw`${START}\d{8,10}:[\w-]{35}(?![\w-])`,
    String.raw`(?<=pagerduty\.com/(?:integration|generic|x-ere|v1)/[\w/-]{0,20})[A-Za-z0-9]{32}`,
    String.raw`${START}R0[0-9A-Z]{30}(?![A-Za-z0-9])`,
    // Vault and OpenBao, of today and from before
    String.raw`hv[sbr]\.[\w-]{20,}`,
    String.raw`${START}(?<![\w.]\.)[sbr]\.[A-Za-z0-9]{24}(?![\w(])`,
    // Grafana, Stripe, SendGrid, OpenAI and Anthropic, DigitalOcean, age
    String.raw`gl(?:sa|c)_[\w+/=]{20,}`,
    String.raw`(?:[sr]k_(?:live|test)|whsec)_[0-9A-Za-z]{16,}`,
    String.raw`SG\.[\w-]{22}\.[\w-]{43}`,
    String.raw`${START}sk-[\w-]{32,}`,
    String.raw`do[opr]_v1_[0-9a-f]{64}`,
    String.raw`AGE-SECRET-KEY-1[0-9A-Z]{40,}`,
    // tickets of Proxmox VE
    String.raw`(?<=PVE:[^\s:]{1,100}:[0-9A-F]{8}::)[A-Za-z0-9+/=]{16,}`,
  ].join("|"),
  "g",
);

const JSON_WEB_TOKEN = /eyJ[\w-]{5,}(?:\.[\w-]*)*/g;
/** The header, in which any word behind a scheme is a credential. */
const AUTHORIZATION =
  /(authorization[\\"'\]]{0,6}[ \t]{0,4}[:=][ \t]{0,4}[\\"'[]{0,6})((?:Bearer|Token|ApiKey|Basic|Negotiate|NTLM)[ \t]{1,4})?([^\s"'\\\],;<]{1,4096})/gi;
const SCHEME = /\b(Bearer|Token|ApiKey|Basic|Negotiate|NTLM)(\s{1,4})([\w.~+/=:-]{6,})/gi;
/** Who logs in by a URL; a port is no password, and an address of IPv6 no name. */
const LOGIN_IN_URL =
  /(:\/\/[^\s/?#"'<>@:[\\]{0,128}:)(?!\d{1,5}(?:[/?#\s"',;)\]}]|$))([^\s"'<>\\/?#]{1,256}|[^\s"'<>\\]{1,256})(?=@[\w.[-])/g;
/** The same in a URL that is a parameter of another one. */
const LOGIN_IN_ENCODED_URL =
  /(%3A%2F%2F[^\s%/?#"'<>@:]{0,128}%3A)(?:[^\s%"'<>\\&]|%(?!40|2F|3F|23|22)[0-9A-F]{2}){1,256}(?=%40[\w.%[-])/gi;
const TOKEN_IN_URL = /(:\/\/)([^\s/?#"'<>@:\\]{8,256})(?=@[\w.[-])/g;

/** Replaces what is a secret by its own look, whatever stands around it. */
export function scrubKnown(text: string): string {
  return text
    .replaceAll(TOKENS, REDACTED)
    .replaceAll(JSON_WEB_TOKEN, withoutToken)
    .replaceAll(AUTHORIZATION, (all: string, header: string, scheme: string | undefined, credential: string) =>
      scheme !== undefined || looksSecret(credential) ? `${header}${scheme ?? ""}${REDACTED}` : all,
    )
    .replaceAll(SCHEME, (all: string, scheme: string, space: string, credential: string) =>
      isCredential(scheme.toLowerCase(), credential) ? `${scheme}${space}${REDACTED}` : all,
    )
    .replaceAll(LOGIN_IN_URL, `$1${REDACTED}`)
    .replaceAll(LOGIN_IN_ENCODED_URL, `$1${REDACTED}`)
    .replaceAll(TOKEN_IN_URL, (all: string, before: string, name: string) =>
      looksSecret(name) ? `${before}${REDACTED}` : all,
    );
}

/** The token in what has dots as one has: from its header on, wherever that stands. */
function withoutToken(dotted: string): string {
  const parts = dotted.split(".");
  const at = parts.findIndex((part) => part.includes("eyJ") && isTokenHeader(part.slice(part.indexOf("eyJ"))));
  const rest = parts.slice(at + 1).join(".");
  if (at === -1 || rest.length < 8) return dotted;
  const before = (parts[at] ?? "").split("eyJ", 1);
  return [...parts.slice(0, at), `${before[0] ?? ""}${REDACTED}`].join(".");
}

const isCredential = (scheme: string, credential: string): boolean =>
  scheme === "basic" ? isLogin(credential) : looksSecret(credential);
