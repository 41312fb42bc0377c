import { createHash } from "node:crypto";
import type { LabAnswer } from "../exchange.ts";
import { errors, NO_CONTENT, UNSUPPORTED_OPERATION, wrapped } from "./answers.ts";
import type { AuditDevice } from "./contract.ts";
import { goTime } from "./go.ts";
import type { TokenExchange } from "./state.ts";

const NO_AUDIT_API =
  "cannot enable audit device via API; use declarative, config-based audit device management instead";
const CONFIGURED_AUDIT = "cannot disable configuration-managed audit device";

/** GET sys/audit: the devices by path. */
export function auditDevices(exchange: TokenExchange): LabAnswer {
  const devices = [...exchange.state.auditDevices].map(([path, { type, options, description = "" }]) => [
    path,
    { description, local: false, options, path, type },
  ]);
  return wrapped(exchange, { data: Object.fromEntries(devices), repeated: true });
}

/** PUT sys/audit/:path. */
export function enableAudit({ state, parameters, body }: TokenExchange): LabAnswer {
  const { auditApi } = state.cluster.options;
  if (!auditApi) return errors(400, NO_AUDIT_API);
  const path = `${parameters["path"]}/`;
  const { type, options = {} } = body;
  if (typeof type !== "string" || type === "") return errors(400, 'unknown backend type: ""');
  if (state.auditDevices.has(path)) return errors(400, "path already in use");
  state.auditDevices.set(path, { type, options: options as AuditDevice["options"] });
  state.cluster.write();
  return NO_CONTENT;
}

/** DELETE sys/audit/:path; a path that is free is no failure. */
export function disableAudit({ state, parameters }: TokenExchange): LabAnswer {
  const path = `${parameters["path"]}/`;
  if (!state.cluster.options.auditApi && state.auditDevices.has(path)) return errors(400, CONFIGURED_AUDIT);
  state.auditDevices.delete(path);
  state.cluster.write();
  return NO_CONTENT;
}

/** GET sys/leases/count; any type but `irrevocable` is not found. */
export function countLeases(exchange: TokenExchange): LabAnswer {
  if (exchange.request.query.get("type") !== "irrevocable") return errors(404);
  const count = exchange.state.irrevocableLeases;
  return wrapped(exchange, { data: { counts: count === 0 ? {} : { "auth/token/": count }, lease_count: count } });
}

/** GET sys/key-status. */
export function keyStatus(exchange: TokenExchange): LabAnswer {
  const { cluster } = exchange.state;
  const data = { encryptions: cluster.committedIndex, install_time: goTime(cluster.installedAt), term: 1 };
  return wrapped(exchange, { data, repeated: true });
}

/** GET sys/mounts: the secrets engines that every server has, and those of this one. */
export function mounts(exchange: TokenExchange): LabAnswer {
  const passing = (header: string): object => ({ passthrough_request_headers: [header] });
  const system = "system endpoints used for control, policy and debugging";
  const data = {
    "cubbyhole/": mount(exchange, "cubbyhole", "per-token private secret storage", { local: true }),
    "identity/": mount(exchange, "identity", "identity store", {}, passing("Authorization")),
    "sys/": mount(exchange, "system", system, { seal_wrap: true }, passing("Accept")),
    ...Object.fromEntries([...exchange.state.pki.keys()].map((path) => [`${path}/`, mount(exchange, "pki", "")])),
  };
  return wrapped(exchange, { data, repeated: true });
}

/** GET sys/auth: the auth methods. */
export function authMethods(exchange: TokenExchange): LabAnswer {
  const tokens = { token_type: "default-service" };
  const enabled = exchange.state.logins
    .mounts()
    .map(([path, type]) => [
      `${path}/`,
      mount(exchange, type, "", { deprecation_status: "supported", options: {} }, tokens),
    ]);
  const data = {
    "token/": mount(exchange, "token", "token based credentials", {}, tokens),
    ...Object.fromEntries(enabled),
  };
  return wrapped(exchange, { data, repeated: true });
}

function mount(
  { state, member }: TokenExchange,
  type: string,
  description: string,
  differing: object = {},
  config: object = {},
): object {
  const hash = createHash("sha256").update(`${state.cluster.id} ${type}`).digest("hex");
  return {
    accessor: `${type}_${hash.slice(0, 8)}`,
    config: { default_lease_ttl: 0, force_no_cache: false, max_lease_ttl: 0, ...config },
    description,
    external_entropy_access: false,
    local: false,
    options: null,
    plugin_version: "",
    running_plugin_version: `v${member.version}+builtin.${state.cluster.options.flavour === "vault" ? "vault" : "bao"}`,
    running_sha256: "",
    seal_wrap: false,
    type,
    uuid: `${hash.slice(0, 8)}-${hash.slice(8, 12)}-${hash.slice(12, 16)}-${hash.slice(16, 20)}-${hash.slice(20, 32)}`,
    ...differing,
  };
}

/** GET sys/policies/acl?list=true; Node's HTTP server does not know the method LIST. */
export function policyNames(exchange: TokenExchange): LabAnswer {
  if (exchange.request.query.get("list") !== "true") return errors(405, UNSUPPORTED_OPERATION);
  return wrapped(exchange, { data: { keys: exchange.state.policies.names() } });
}

/** GET sys/policies/acl/:name. */
export function readPolicy(exchange: TokenExchange): LabAnswer {
  const { cluster, policies } = exchange.state;
  const name = exchange.parameters["name"] ?? "";
  const policy = policies.read(name);
  if (policy === undefined) return errors(404);
  const ofOpenBao = {
    allow_slashes_in_identity_templates: false,
    allow_wildcards_in_identity_templates: false,
    cas_required: false,
    modified: goTime(cluster.installedAt),
    version: 1,
  };
  return wrapped(exchange, { data: { name, policy, ...(cluster.options.flavour === "openbao" && ofOpenBao) } });
}

/** PUT sys/policies/acl/:name with the policy as HCL. */
export function writePolicy({ state, parameters, body }: TokenExchange): LabAnswer {
  const { policy } = body;
  if (typeof policy !== "string" || policy === "") return errors(400, "'policy' parameter not supplied or empty");
  try {
    state.policies.write(parameters["name"] ?? "", policy);
  } catch (error) {
    return errors(400, `failed to parse policy: ${error instanceof Error ? error.message : String(error)}`);
  }
  state.cluster.write();
  return NO_CONTENT;
}

/** DELETE sys/policies/acl/:name. */
export function deletePolicy({ state, parameters }: TokenExchange): LabAnswer {
  state.policies.delete(parameters["name"] ?? "");
  state.cluster.write();
  return NO_CONTENT;
}

/** POST sys/capabilities-self: what the token may do on each path, and beside them `capabilities` for a single one. */
export function capabilitiesSelf(exchange: TokenExchange): LabAnswer {
  const { body, state, token } = exchange;
  const given = body["paths"] ?? body["path"];
  const paths = (Array.isArray(given) ? given : [given]).filter((path) => typeof path === "string");
  if (paths.length === 0) return errors(400, "paths must be supplied");
  const data = Object.fromEntries(paths.map((path) => [path, state.policies.capabilities(token.policies, path)]));
  const [only] = paths;
  const single = paths.length === 1 && only !== undefined ? { capabilities: data[only] } : {};
  return wrapped(exchange, { data: { ...single, ...data }, repeated: true });
}
