import { dirname, resolve } from "node:path";
import { z } from "zod";
import { CollectError, formatConfigFault } from "../../../core/errors.ts";
import { readShape } from "../../../lib/answers/read-shape.ts";
import { parseYaml } from "../../../lib/yaml.ts";

/** A certificate that a kubeconfig holds or names. */
export interface KubeconfigCertificate {
  readonly kind: "cluster" | "user";
  /** Name of the cluster or user. */
  readonly key: string;
  /** The field that has it, such as `client-certificate-data`. */
  readonly field: string;
  /** Its bytes, undefined when they are not base64; or the absolute path of its file. */
  readonly source: { readonly bytes: Uint8Array | undefined } | { readonly file: string };
}

const text = z.string().nullish();
const cluster = z.object({ "certificate-authority": text, "certificate-authority-data": text }).nullish();
const user = z.object({ "client-certificate": text, "client-certificate-data": text }).nullish();

/** Source: https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/ */
const kubeconfigShape = z.object({
  clusters: z.array(z.object({ name: z.string(), cluster })).nullish(),
  users: z.array(z.object({ name: z.string(), user })).nullish(),
});

/**
 * The certificates of a kubeconfig; of keys, tokens and passwords nothing is kept. Throws `CollectError` with line and
 * column when it is not YAML, and `unexpected_shape` when it is no kubeconfig.
 */
export function readKubeconfig(content: string, path: string): readonly KubeconfigCertificate[] {
  const { value, faults } = parseYaml(content, path);
  const [fault] = faults;
  if (fault !== undefined) throw new CollectError("invalid_response", formatConfigFault(fault));
  const { clusters, users } = readShape(kubeconfigShape, value, path);
  if (clusters === undefined && users === undefined)
    throw new CollectError("unexpected_shape", `${path}: it has neither clusters nor users, so it is no kubeconfig`);
  const folder = dirname(path);
  return [
    ...(clusters ?? []).flatMap(({ name, cluster }) =>
      certificateOf({ kind: "cluster", key: name, field: "certificate-authority" }, cluster ?? {}, folder),
    ),
    ...(users ?? []).flatMap(({ name, user }) =>
      certificateOf({ kind: "user", key: name, field: "client-certificate" }, user ?? {}, folder),
    ),
  ];
}

/** As kubectl has it: embedded data goes before a file, whose path starts at the folder of the kubeconfig. */
function certificateOf(
  head: Omit<KubeconfigCertificate, "source">,
  fields: Readonly<Record<string, string | null | undefined>>,
  folder: string,
): readonly KubeconfigCertificate[] {
  const dataField = `${head.field}-data`;
  const data = fields[dataField] ?? "";
  const file = fields[head.field] ?? "";
  if (data !== "") return [{ ...head, field: dataField, source: { bytes: decode(data) } }];
  return file === "" ? [] : [{ ...head, source: { file: resolve(folder, file) } }];
}

function decode(data: string): Uint8Array | undefined {
  const digits = data.replaceAll(/\s+/g, "");
  const isWhole = digits.length % 4 === 0 && /^[\d+/A-Za-z]+={0,2}$/.test(digits);
  return isWhole ? Buffer.from(digits, "base64") : undefined;
}
