import { join } from "node:path";
import { writeFile } from "node:fs/promises";
import fc from "fast-check";
import { kinds } from "../../../src/cli/kinds.ts";
import { renderEffective } from "../../../src/config/effective.ts";
import { configJsonSchema } from "../../../src/config/json-schema.ts";
import type { Config } from "../../../src/config/schema.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { ConfigError, formatConfigFault, type ConfigFault } from "../../../src/core/errors.ts";
import { printYaml } from "../../../src/lib/yaml.ts";
import { createTemporaryFolder } from "../../helpers/janitor.ts";
import { leaksIn, plantSecrets } from "../../helpers/planted-secrets.ts";
import { postgresSkeleton, skeletonOf, SKELETONS } from "../../helpers/planted-configuration.ts";
import { documentsOf, filesOf } from "../corpus.ts";
import { bytesForm } from "../forms.ts";
import { mutatedBytes } from "../mutate-bytes.ts";
import { mutatedTree } from "../mutate-tree.ts";
import { defineTarget, must } from "../target.ts";

const WORDS = [
  ..."- |: |? |& |*a|!!binary |!x |<<: |{|}|[|]|,|\"|'|#| |\n|\n  |\t|---\n|...\n|%YAML 1.1\n|${|${HOME}|$${".split(
    "|",
  ),
  "| \n",
  "> \n",
  "&a [",
  "\r",
  "\u0000",
  "\ufeff",
  "\u2028",
  Buffer.from([0xff]),
];

/** Nothing is asked of them: they are only named. */
const URL = "http://127.0.0.1:9";
const SERVER = { url: URL };
const LAB = { plain: SERVER, secure: { url: "https://127.0.0.1:9" }, untrusted: SERVER, spans: SERVER };

/** Every branch of the schema, with a secret in every field for one. */
function planted(folder: string): readonly unknown[] {
  const files = { kubeconfig: "kubeconfig", keyStore: "store.p12", jwt: "jwt", slo: "slo.yaml" };
  // the skeletons ask no more of a lab than its addresses
  const lab = { ...LAB, mailPort: 25, databasePort: 5432 } as Parameters<typeof postgresSkeleton>[0];
  const skeletons = [
    ...Array.from({ length: SKELETONS }, (_, nth) => skeletonOf(lab, files, nth)),
    postgresSkeleton(lab),
  ];
  const options = { root: configJsonSchema(kinds), way: "literal", folder, url: URL, databasePort: 5432 } as const;
  return skeletons.map((skeleton, nth) => plantSecrets(skeleton, { ...options, label: `fuzz${nth}` }).settings);
}

/** JSON is YAML too, with all of its structure in brackets. */
const printed = (tree: fc.Arbitrary<unknown>) =>
  fc
    .tuple(
      tree,
      fc.constantFrom(printYaml, (value: unknown) => JSON.stringify(value)),
    )
    .map(([value, print]) => Buffer.from(print(value) ?? ""));

function mustBePlaced(fault: ConfigFault, file: string, lines: readonly string[]): void {
  const said = formatConfigFault(fault);
  must(fault.message !== "" && !fault.message.includes("undefined"), `it says nothing: ${said}`);
  if (fault.file.startsWith("environment variable ")) return;
  must(fault.file === file, `it names another file: ${said}`);
  if (fault.path === "" && fault.line === undefined) return;
  must(fault.line !== undefined && fault.column !== undefined, `it has no line and column: ${said}`);
  const width = lines[fault.line - 1]?.length ?? Number.NEGATIVE_INFINITY;
  must(fault.column >= 1 && fault.column <= width + 1, `its place is outside of the file: ${said}`);
}

async function mustLoad(loading: Promise<Config>, file: string, lines: readonly string[]): Promise<void> {
  try {
    must(leaksIn(renderEffective(await loading)).length === 0, "the effective configuration shows a secret");
  } catch (thrown) {
    if (!(thrown instanceof ConfigError)) throw thrown;
    must(thrown.faults.length > 0, "a ConfigError without faults");
    for (const fault of thrown.faults) mustBePlaced(fault, file, lines);
    must(leaksIn(thrown.message).length === 0, `a message shows a secret: ${thrown.message}`);
  }
}

export const configuration = defineTarget<Uint8Array>({
  name: "configuration",
  property:
    "Every text is a configuration, or a ConfigError whose faults name file, line and column; nothing that is said shows a secret.",
  async open() {
    const folder = await createTemporaryFolder("fuzz-configuration");
    const file = join(folder.path, "watchkeeper.yaml");
    const trees = planted(folder.path);
    const examples = filesOf(
      "deploy/compose/watchkeeper/watchkeeper.yaml",
      "deploy/kustomize/overlays/*/watchkeeper.yaml",
    );
    const bad = filesOf("src/config/__fixtures__/bad/*.yaml");
    const corpus = [...examples, ...bad, ...trees.map((tree) => Buffer.from(printYaml(tree)))];
    const documents = [...trees, ...documentsOf(examples)];
    const env = { NTFY_URL: URL, NTFY_TOPIC: "alerts", HOME: "/root" };
    return {
      inputs: fc.oneof(mutatedBytes(corpus, WORDS), printed(mutatedTree(documents))),
      form: bytesForm("yaml"),
      async check(input) {
        await writeFile(file, input);
        const lines = Buffer.from(input).toString().split("\n");
        const load = (withoutFiles: boolean) => loadConfig({ file, ...kinds, env, withoutFiles });
        // the files that are named are looked at only where all else is right, since one load takes long
        await mustLoad(
          load(true).then(() => load(false)),
          file,
          lines,
        );
      },
      close: () => folder.remove(),
    };
  },
});
