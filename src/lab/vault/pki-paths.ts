import { X509Certificate } from "node:crypto";
import type { LabAnswer } from "../exchange.ts";
import { errors, UNSUPPORTED_OPERATION, UNSUPPORTED_PATH, wrapped } from "./answers.ts";
import type { IssuedByPki, PkiEngine, PkiIssuer } from "./pki.ts";
import type { Exchange, Handler, TokenExchange } from "./state.ts";

/**
 * The paths of the PKI secrets engine, as OpenBao 2.7.2 was seen to answer them.
 * Source: https://openbao.org/api-docs/secret/pki/
 */

type OnEngine<E extends Exchange> = (engine: PkiEngine, exchange: E) => LabAnswer;

/** Finds the engine of the path; where none is mounted, only a caller with a token learns so. */
function onMount<E extends Exchange>(answer: OnEngine<E>): Handler<E> {
  return (exchange) => {
    const { state, request, parameters } = exchange;
    const engine = state.pki.get(parameters["mount"] ?? "");
    if (engine !== undefined) return answer(engine, exchange);
    const token = request.headers["x-vault-token"];
    if (typeof token !== "string" || state.tokens.find(token) === undefined) return errors(403, "permission denied");
    const path = request.path.slice("/v1/".length);
    return errors(404, `no handler for route "${path}". route entry not found.`);
  };
}

/** Answers only what asks for a list; Node's HTTP server does not know the method LIST. */
const listing =
  <E extends Exchange>(answer: OnEngine<E>): OnEngine<E> =>
  (engine, exchange) =>
    exchange.request.query.get("list") === "true" ? answer(engine, exchange) : errors(405, UNSUPPORTED_OPERATION);

/** Vault before 1.11 knows one authority for each mount and no paths of issuers. */
const sinceIssuers =
  (answer: OnEngine<Exchange>): OnEngine<Exchange> =>
  (engine, exchange) => {
    const [major = 0, minor = 0] = exchange.member.version.split(".").map(Number);
    const isOld = exchange.state.cluster.options.flavour === "vault" && major === 1 && minor < 11;
    if (!isOld) return answer(engine, exchange);
    return exchange.request.headers["x-vault-token"] === undefined
      ? errors(400, "missing client token")
      : errors(404, UNSUPPORTED_PATH);
  };

const ofOpenBao =
  (answer: OnEngine<TokenExchange>): OnEngine<TokenExchange> =>
  (engine, exchange) =>
    exchange.state.cluster.options.flavour === "openbao" ? answer(engine, exchange) : errors(404, UNSUPPORTED_PATH);

/** LIST :mount/issuers. */
export const issuers: Handler = onMount(
  sinceIssuers(
    listing((engine, exchange) => {
      const rows = engine.issuers.map(({ id, name, keyId, entity }) => [
        id,
        {
          is_default: id === engine.own.id,
          issuer_name: name,
          key_id: keyId,
          serial_number: serialOf(entity.certificatePem),
        },
      ]);
      return wrapped(exchange, {
        data: { key_info: Object.fromEntries(rows), keys: engine.issuers.map(({ id }) => id) },
      });
    }),
  ),
);

/** GET :mount/issuer/:ref/json. */
export const issuer: Handler = onMount(
  sinceIssuers((engine, exchange) => {
    const found = findIssuer(engine, exchange);
    if (found === undefined) return noIssuer(exchange);
    const certificate = found.entity.certificatePem;
    const chain = engine.issuers.map(({ entity }) => entity.certificatePem);
    const { id: issuer_id, name: issuer_name } = found;
    return wrapped(exchange, { data: { ca_chain: chain, certificate, issuer_id, issuer_name } });
  }),
);

/** GET :mount/issuer/:ref/crl, and the same with /delta. */
export const issuerList = (kind: "complete" | "delta"): Handler =>
  onMount(
    sinceIssuers((engine, exchange) => {
      const found = findIssuer(engine, exchange);
      if (found === undefined) return noIssuer(exchange);
      const { id, keyId } = found;
      if (keyId === "") return errors(500, `unable to find CRL for issuer: id:${id}/ref:${exchange.parameters["ref"]}`);
      return wrapped(exchange, { data: { crl: `${engine.lists[kind]}\n` } });
    }),
  );

/** GET :mount/cert/:serial, where `ca`, `crl` and `delta-crl` stand for the default issuer and its lists. */
export const certificate: Handler = onMount((engine, exchange) => {
  const serial = exchange.parameters["serial"] ?? "";
  const ofDefault: Readonly<Record<string, string>> = {
    ca: engine.own.entity.certificatePem.trimEnd(),
    crl: engine.lists.complete,
    "delta-crl": engine.lists.delta,
  };
  const pem = ofDefault[serial];
  if (pem !== undefined) return wrapped(exchange, { data: { certificate: pem, ...revocation(0) } });
  const found = engine.issued.get(serial);
  if (found === undefined) return errors(404);
  return wrapped(exchange, { data: { certificate: found.pem, ...revocation(found.revokedAt) } });
});

const revocation = (at: number): object => ({
  revocation_time: Math.floor(at / 1000),
  revocation_time_rfc3339: at === 0 ? "" : new Date(at).toISOString(),
});

/** LIST :mount/certs. */
export const certificates: Handler<TokenExchange> = onMount(
  listing((engine, exchange) =>
    serials(
      exchange,
      page(engine, exchange, () => true),
    ),
  ),
);

/** LIST :mount/certs/revoked. */
export const revokedCertificates: Handler<TokenExchange> = onMount(
  listing((engine, exchange) =>
    serials(
      exchange,
      page(engine, exchange, ({ revokedAt }) => revokedAt > 0),
    ),
  ),
);

/** LIST :mount/certs/detailed, which Vault has not. */
export const detailedCertificates: Handler<TokenExchange> = onMount(
  ofOpenBao(
    listing((engine, exchange) => {
      const found = page(engine, exchange, () => true);
      if (found.length === 0) return errors(404);
      const rows = found.map(([serial, { commonName: common_name, hosts, notBefore, notAfter }]) => {
        const dates = { not_after: goDate(notAfter), not_before: goDate(notBefore) };
        return [serial, { common_name, dns_names: hosts.slice(0, 5), key_bits: 256, key_type: "ec", ...dates }];
      });
      return wrapped(exchange, { data: { key_info: Object.fromEntries(rows), keys: found.map(([serial]) => serial) } });
    }),
  ),
);

/** GET :mount/config/crl. */
export const listSettings: Handler<TokenExchange> = onMount((engine, exchange) => {
  const { disable, enableDelta } = engine.settings;
  return wrapped(exchange, { data: { auto_rebuild: false, disable, enable_delta: enableDelta, expiry: "72h" } });
});

/** In the order of the serial numbers; OpenBao gives a part of them when told to, Vault everything. */
function page(
  engine: PkiEngine,
  { request: { query }, state }: TokenExchange,
  wanted: (issued: IssuedByPki) => boolean,
): readonly (readonly [string, IssuedByPki])[] {
  const sorted = [...engine.issued].filter(([, issued]) => wanted(issued)).toSorted(([a], [b]) => (a < b ? -1 : 1));
  if (state.cluster.options.flavour === "vault") return sorted;
  const after = sorted.filter(([serial]) => serial > (query.get("after") ?? ""));
  return after.slice(0, Number(query.get("limit") ?? after.length));
}

/** An empty list is not found. */
const serials = (exchange: TokenExchange, found: readonly (readonly [string, IssuedByPki])[]): LabAnswer =>
  found.length === 0 ? errors(404) : wrapped(exchange, { data: { keys: found.map(([serial]) => serial) } });

const findIssuer = (engine: PkiEngine, { parameters }: Exchange): PkiIssuer | undefined => {
  const { ref = "" } = parameters;
  return ref === "default" ? engine.own : engine.issuers.find(({ id, name }) => id === ref || name === ref);
};

const noIssuer = ({ parameters }: Exchange): LabAnswer =>
  errors(500, `unable to find PKI issuer for reference: ${parameters["ref"]}`);

const goDate = (at: number): string => new Date(at).toISOString().replace(/\.\d+Z$/, "Z");

const serialOf = (pem: string): string =>
  (new X509Certificate(pem).serialNumber.toLowerCase().match(/../g) ?? []).join(":");
