/**
 * Why a collection failed: the closed list that is also the `reason` label of `watchkeeper_part_errors_total` and a row
 * of the reference page. `meaning` is one sentence for the on-call person, `action` says what to try first.
 */
export const COLLECT_REASONS = {
  dns_failure: {
    meaning: "The target's host name could not be resolved.",
    action: "Check the name in the configuration and the resolver of the machine that runs Watchkeeper.",
  },
  connection_refused: {
    meaning: "Nothing listens on the target's port.",
    action: "Check that the service runs and that the port is right.",
  },
  connection_failed: {
    meaning: "The network gave no way to the target (no route, host down, too many open files).",
    action: "Check routes, firewalls and whether the host is up.",
  },
  connection_reset: {
    meaning: "The target closed the connection before its answer was complete.",
    action: "Look at the target's own log at that minute; a proxy in between is a common cause.",
  },
  timeout: {
    meaning: "The answer was not complete when the deadline ended, whether it hung or dripped.",
    action: "Ask the same URL by hand; raise the part's deadline only when the target is known to be slow.",
  },
  tls_untrusted: {
    meaning: "The target's certificate is not signed by an authority that is trusted here.",
    action: "Set `ca_file` to the authority's certificate, or `fingerprint` to the certificate's SHA-256.",
  },
  tls_expired: {
    meaning: "The target's certificate, or one of its chain, is expired or not yet valid.",
    action: "Renew the certificate on the target; check both clocks.",
  },
  tls_wrong_host: {
    meaning: "The target's certificate was made for other host names.",
    action: "Use a name that the certificate holds, or set `server_name` to one.",
  },
  tls_pin_mismatch: {
    meaning: "The target's certificate has another SHA-256 fingerprint than the one configured.",
    action:
      "If the certificate was renewed on purpose, put the new fingerprint into the configuration; else find out who answers.",
  },
  tls_handshake: {
    meaning:
      "No TLS session came about: no TLS on that port, no common version or cipher, or a client certificate is wanted.",
    action: "Check `http://` against `https://`, the port, and the target's TLS settings.",
  },
  unauthorized: {
    meaning: "The target does not accept the credential (401, or Vault's 403 for an unknown token).",
    action: "Check the credential, and whether it expired or was revoked.",
  },
  forbidden: {
    meaning: "The credential is accepted but lacks a permission.",
    action: "Run `watchkeeper check --connect`: it names each missing permission and what it hides.",
  },
  not_found: {
    meaning: "The target does not know the path.",
    action: "Check the URL or path, and the target's version.",
  },
  rate_limited: {
    meaning: "The target refuses more requests for now (429).",
    action: "Lower the polling pace of this target or raise its quota.",
  },
  server_error: {
    meaning: "The target answered with a 5xx status.",
    action: "Look at the target's own log.",
  },
  unexpected_status: {
    meaning: "The target answered with a status that this request never has, such as a redirect to another place.",
    action: "Check that the URL is the service itself and not a login page or a proxy.",
  },
  body_too_large: {
    meaning: "The answer is larger than Watchkeeper reads.",
    action: "Check that the URL is the service itself.",
  },
  invalid_response: {
    meaning: "The answer is not HTTP, not JSON or cut off.",
    action: "Ask the same URL by hand; a proxy's or a login page's HTML is a common cause.",
  },
  unexpected_shape: {
    meaning: "The answer is JSON, but not of the shape that this API documents.",
    action: "Compare the target's version with the supported ones, and report it.",
  },
  node_unreachable: {
    meaning: "The system answers for itself but could not reach one of its nodes (Proxmox VE's status 595 to 599).",
    action: "Look whether the node is up, and at the cluster's own network.",
  },
  sealed: {
    meaning: "Vault is sealed, so it answers only its health and seal status.",
    action: "Unseal it.",
  },
  not_initialized: {
    meaning: "Vault is not initialised yet.",
    action: "Initialise it, or take it out of the configuration.",
  },
  no_leader: {
    meaning: "No active node answers for the cluster.",
    action: "Look at the nodes' own alerts first: too few of them may be up and unsealed.",
  },
  credential_unreadable: {
    meaning: "A credential's file could not be read.",
    action: "Check the path and the permissions of the file.",
  },
  file_unreadable: {
    meaning: "A file, or what is stored in its place, does not hold what it should, or not in a form that can be read.",
    action: "The message names it and the place in it: mend or replace it, or take it out of the configuration.",
  },
  internal: {
    meaning: "A fault in Watchkeeper itself.",
    action: "Report it with the log line.",
  },
} as const satisfies Record<string, { meaning: string; action: string }>;

/** One of the keys of {@link COLLECT_REASONS}. */
export type CollectReason = keyof typeof COLLECT_REASONS;

/** Reasons that lie with the one server that was asked, or the way to it, so that another one may do. */
export const SERVER_REASONS: ReadonlySet<CollectReason> = new Set<CollectReason>([
  "dns_failure",
  "connection_refused",
  "connection_failed",
  "connection_reset",
  "timeout",
  "tls_untrusted",
  "tls_expired",
  "tls_wrong_host",
  "tls_pin_mismatch",
  "tls_handshake",
  "unexpected_status",
  "invalid_response",
  "body_too_large",
]);

/**
 * A collection that failed for a known reason. The message says what failed and where (method and URL, never a header,
 * a body or a query), in words for the person who must act.
 */
export class CollectError extends Error {
  override readonly name = "CollectError";
  readonly reason: CollectReason;

  constructor(reason: CollectReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/**
 * The target has nothing of this kind, such as raft storage on a Vault that uses another: an outcome of its own,
 * neither a failure nor a value of zero.
 */
export class NoData extends Error {
  override readonly name = "NoData";
}

/** Any thrown value as a {@link CollectError}; what is not one yet is a fault of ours. */
export function asCollectError(thrown: unknown): CollectError {
  if (thrown instanceof CollectError) return thrown;
  const message = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return new CollectError("internal", message, { cause: thrown });
}

/** One fault of the configuration and its place; `line` and `column` count from 1. */
export interface ConfigFault {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  /** Dotted path of the key, such as `targets.vault.0.nodes`; empty for the whole file. */
  readonly path: string;
  readonly message: string;
}

/** Prints a fault as `file:line:column path: message`, leaving out what is not known. */
export function formatConfigFault(fault: ConfigFault): string {
  const place = [fault.file, fault.line, fault.column].filter((part) => part !== undefined).join(":");
  return `${place}${fault.path === "" ? "" : ` ${fault.path}`}: ${fault.message}`;
}

/** A configuration that can not be used; `faults` holds every one that was found. The command line exits with 2. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly faults: readonly ConfigFault[];

  constructor(faults: readonly ConfigFault[]) {
    super(faults.map(formatConfigFault).join("\n"));
    this.faults = faults;
  }
}
