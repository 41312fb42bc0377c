import { z } from "zod";
import type { PlaceLabels } from "../../inventory.ts";
import { readValues, type Contents, type ReadingContext, type Value } from "./contents.ts";

const texts = z.record(z.string(), z.string()).nullish();
const metadata = z.object({ name: z.string(), namespace: z.string() });
const secretShape = z.object({ metadata, type: z.string().optional(), data: texts });
const configMapShape = z.object({ metadata, data: texts, binaryData: texts });

const TLS_TYPE = "kubernetes.io/tls";
const TLS_CERTIFICATE = "tls.crt";

/** What a Secret holds at the wanted keys. */
export async function readSecretObject(object: unknown, context: ReadingContext): Promise<Contents | undefined> {
  const read = secretShape.safeParse(object);
  if (!read.success) return undefined;
  const { metadata, type, data } = read.data;
  const values = wantedOf(data, context).map(([key, text]): Value => {
    return {
      kind: "kube-secret",
      place: { secret_namespace: metadata.namespace, secret_name: metadata.name, secret_key: key },
      where: `secret ${metadata.namespace}/${metadata.name}, key ${key}`,
      bytes: Buffer.from(text, "base64"),
      isCertificate: type === TLS_TYPE && key === TLS_CERTIFICATE,
    };
  });
  return contentsOf(values, context);
}

/** What a ConfigMap holds at the wanted keys. */
export async function readConfigMap(object: unknown, context: ReadingContext): Promise<Contents | undefined> {
  const read = configMapShape.safeParse(object);
  if (!read.success) return undefined;
  const { metadata, data, binaryData } = read.data;
  const valueOf = (key: string, bytes: Uint8Array): Value => {
    const place: PlaceLabels = {
      configmap_namespace: metadata.namespace,
      configmap_name: metadata.name,
      configmap_key: key,
    };
    const where = `configmap ${metadata.namespace}/${metadata.name}, key ${key}`;
    return { kind: "kube-configmap", place, where, bytes, isCertificate: false };
  };
  const values = [
    ...wantedOf(data, context).map(([key, text]) => valueOf(key, Buffer.from(text, "utf8"))),
    ...wantedOf(binaryData, context).map(([key, text]) => valueOf(key, Buffer.from(text, "base64"))),
  ];
  return contentsOf(values, context);
}

const wantedOf = (data: Readonly<Record<string, string>> | null | undefined, { wantsKey }: ReadingContext) =>
  Object.entries(data ?? {}).filter(([key]) => wantsKey(key));

async function contentsOf(values: readonly Value[], context: ReadingContext): Promise<Contents | undefined> {
  const bundles = await readValues(values, context);
  return bundles.length === 0 ? undefined : { bundles };
}
