import { exception, FailedCall, invalidParams } from "../failure.ts";
import type { LabApiKey } from "../model/system.ts";
import { hasRole, secondsOf, type Nas } from "../nas.ts";
import { allRoles } from "../rooms.ts";
import { continueScram, startScram } from "../scram.ts";
import type { CoreMethods, ReceivedCall } from "./core-contract.ts";
import { textOf } from "./core.ts";

/** Why a login is refused, in the words of `auth.login_ex`. */
type Refusal = "AUTH_ERR" | "EXPIRED" | "DENIED";

/**
 * `auth.*`.
 * Sources: https://github.com/truenas/middleware, src/middlewared/middlewared/plugins/auth.py,
 * plugins/auth_/login_ex_impl.py and utils/account/authenticator.py
 */
export const authMethods: CoreMethods = {
  "auth.login_with_api_key": {
    open: true,
    call: (call) => {
      const secret = textOf(call.params, 0, "api_key");
      checkStage(call);
      return enter(call, secret, undefined) === undefined;
    },
  },
  "auth.login_ex": { open: true, since: "25.04", call: loginEx },
  "auth.mechanism_choices": { open: true, since: "25.04", call: ({ release }) => mechanismsOf(release) },
  "auth.me": { call: ({ nas, session }) => (session.key === undefined ? null : userOf(nas, session.key)) },
  "auth.logout": {
    call: ({ session, subscriptions }) => {
      subscriptions.end();
      session.key = undefined;
      return true;
    },
  },
};

const mechanismsOf = (release: ReceivedCall["release"]): readonly string[] =>
  release === "26"
    ? ["API_KEY_PLAIN", "TOKEN_PLAIN", "PASSWORD_PLAIN", "SCRAM"]
    : ["API_KEY_PLAIN", "TOKEN_PLAIN", "PASSWORD_PLAIN"];

function loginEx(call: ReceivedCall): unknown {
  const [data] = call.params;
  if (typeof data !== "object" || data === null) throw invalidParams("login_data", "Field required");
  const login = data as Readonly<Record<string, unknown>>;
  const mechanism = login["mechanism"];
  const known = [...mechanismsOf(call.release), "OTP_TOKEN"];
  if (typeof mechanism !== "string" || !known.includes(mechanism))
    throw invalidParams(
      "login_data",
      `Input tag '${String(mechanism)}' found using 'mechanism' does not match any of the expected tags`,
    );
  if (mechanism === "SCRAM") return loginByScram(call, login);
  checkStage(call);
  const refused =
    mechanism === "API_KEY_PLAIN" ? enter(call, fieldOf(login, "api_key"), fieldOf(login, "username")) : deny(call);
  return refused === undefined ? success(call, login["login_options"]) : { response_type: refused };
}

function success({ nas, session, release }: ReceivedCall, options: unknown): unknown {
  const { user_info: wanted = true } = (options ?? {}) as { readonly user_info?: unknown };
  const user = session.key === undefined || wanted === false ? null : userOf(nas, session.key);
  const answer = { response_type: "SUCCESS", user_info: user, authenticator: "LEVEL_1" };
  return release === "26" ? { ...answer, reconnect_token: null } : answer;
}

function loginByScram(call: ReceivedCall, login: Readonly<Record<string, unknown>>): unknown {
  const [type, text] = [fieldOf(login, "scram_type"), fieldOf(login, "rfc_str")];
  if (type !== "CLIENT_FIRST_MESSAGE" && type !== "CLIENT_FINAL_MESSAGE")
    throw invalidParams(
      "login_data.SCRAM.scram_type",
      "Input should be 'CLIENT_FIRST_MESSAGE' or 'CLIENT_FINAL_MESSAGE'",
    );
  const answer = { response_type: "SCRAM_RESPONSE", scram_type: "SERVER_FIRST_RESPONSE", user_info: null };
  if (type === "CLIENT_FIRST_MESSAGE") {
    const first = startScram(call, text, (key) => refusalOf(call.nas, key) === undefined);
    return first === undefined ? { response_type: "AUTH_ERR" } : { ...answer, rfc_str: first };
  }
  const final = continueScram(call, text);
  const key = call.session.key;
  if (final === undefined || key === undefined) return { response_type: "AUTH_ERR" };
  return { ...answer, scram_type: "SERVER_FINAL_RESPONSE", rfc_str: final, user_info: userOf(call.nas, key) };
}

/** Logs in by a key that is shown; undefined when it did. */
function enter(call: ReceivedCall, secret: string, username: string | undefined): Refusal | undefined {
  const { nas, session } = call;
  const key = nas.state.system.apiKeys.find((each) => each.key === secret);
  if (key === undefined || (username !== undefined && key.username !== username)) return deny(call);
  const refused = refusalOf(nas, key);
  if (refused === undefined) session.key = key;
  else session.refused = true;
  return refused;
}

function deny({ session }: ReceivedCall): Refusal {
  session.refused = true;
  return "AUTH_ERR";
}

function refusalOf(nas: Nas, key: LabApiKey): Refusal | undefined {
  if (key.expiresAt !== undefined && key.expiresAt <= secondsOf(nas)) return "EXPIRED";
  if (key.revoked) return "AUTH_ERR";
  return (nas.state.system.roles.get(key.username) ?? []).length === 0 ? "DENIED" : undefined;
}

/** Up to 25.10 one socket is good for one login, whatever came of it. */
function checkStage({ release, session }: ReceivedCall): void {
  if (release === "24.10" || release === "26") return;
  if (!session.refused && session.key === undefined) return;
  const stage = session.refused ? "AUTH" : "LOGOUT";
  const reason = `${stage}: unexpected authenticator run state. Expected: START`;
  throw new FailedCall(exception("RuntimeError", reason));
}

function fieldOf(login: Readonly<Record<string, unknown>>, name: string): string {
  const value = login[name];
  if (typeof value === "string") return value;
  throw invalidParams(
    `login_data.${String(login["mechanism"])}.${name}`,
    value === undefined ? "Field required" : "Input should be a valid string",
  );
}

/** What `auth.me` tells of a key's user. */
function userOf(nas: Nas, key: LabApiKey): unknown {
  const own = nas.state.system.roles.get(key.username) ?? [];
  const roles = new Set([...own, ...allRoles().filter((role) => hasRole(nas, key, role))]);
  return {
    pw_name: key.username,
    pw_gecos: key.username,
    pw_dir: "/var/empty",
    pw_shell: "/usr/sbin/nologin",
    pw_uid: 3000,
    pw_gid: 3000,
    grouplist: null,
    sid: null,
    source: "LOCAL",
    local: true,
    account_attributes: ["LOCAL", "API_KEY"],
    attributes: {},
    two_factor_config: { secret_configured: false, interval: 30, otp_digits: 6, provisioning_uri: null },
    privilege: { roles: { $set: [...roles].toSorted() }, web_shell: false, webui_access: false },
  };
}
