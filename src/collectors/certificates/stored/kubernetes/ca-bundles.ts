import { z } from "zod";
import { rows } from "../../../../lib/answers/loose-shapes.ts";
import { readValues, type Contents, type ReadingContext, type Value } from "./contents.ts";
import type { RESOURCES } from "./resources.ts";

type BundleKind = Extract<(typeof RESOURCES)[number], { of: "cabundles" }>["kind"];

/** One field `caBundle` of an object; the entry is empty where an object has only one. */
interface Entry {
  readonly entry: string;
  readonly caBundle: string;
}

const metadata = z.object({ name: z.string() });
const client = z.object({ caBundle: z.string().nullish() }).nullish();
const webhooksShape = z
  .object({ webhooks: rows(z.object({ name: z.string(), clientConfig: client })) })
  .transform(({ webhooks }) =>
    webhooks.map(({ name, clientConfig }): Entry => ({ entry: name, caBundle: clientConfig?.caBundle ?? "" })),
  );
const apiServiceShape = z
  .object({ spec: client })
  .transform(({ spec }): Entry[] => [{ entry: "", caBundle: spec?.caBundle ?? "" }]);
const definitionShape = z
  .object({
    spec: z
      .object({ conversion: z.object({ webhook: z.object({ clientConfig: client }).nullish() }).nullish() })
      .nullish(),
  })
  .transform(({ spec }): Entry[] => [{ entry: "", caBundle: spec?.conversion?.webhook?.clientConfig?.caBundle ?? "" }]);

const ENTRIES: Readonly<Record<BundleKind, z.ZodType<readonly Entry[]>>> = {
  ValidatingWebhookConfiguration: webhooksShape,
  MutatingWebhookConfiguration: webhooksShape,
  APIService: apiServiceShape,
  CustomResourceDefinition: definitionShape,
};

/** The authorities by which the API server knows the webhooks and servers that an object names. */
export async function readCaBundles(
  object: unknown,
  kind: BundleKind,
  context: ReadingContext,
): Promise<Contents | undefined> {
  const named = z.object({ metadata }).safeParse(object);
  const entries = ENTRIES[kind].safeParse(object);
  if (!named.success || !entries.success) return undefined;
  const { name } = named.data.metadata;
  const values = entries.data.map(({ entry, caBundle }): Value => {
    const place = { cabundle_resource_kind: kind, cabundle_resource_name: name };
    return {
      kind: "kube-cabundle",
      place: entry === "" ? place : { ...place, cabundle_entry: entry },
      where: `caBundle of ${kind} ${name}${entry === "" ? "" : `, webhook ${entry}`}`,
      bytes: Buffer.from(caBundle, "base64"),
      isCertificate: true,
    };
  });
  const bundles = await readValues(values, context);
  return bundles.length === 0 ? undefined : { bundles };
}
