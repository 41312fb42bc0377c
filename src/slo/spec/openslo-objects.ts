import { z } from "zod";
import { shapeReader } from "../../lib/documents/shape-reader.ts";
import { valueAt } from "../../lib/documents/values.ts";
import type { YamlPath } from "../../lib/yaml-places.ts";
import { Findings } from "./findings.ts";
import { metadataField, type OpenSloMetadata } from "./openslo-fields.ts";
import { v1Specs, v2Specs, type OpenSloSpecs } from "./openslo-schema.ts";
import { v1alphaSpecs } from "./openslo-v1alpha.ts";
import type { SloDocument } from "./reader.ts";

/** Something that was read, and where its findings go; `path` is where it stands. */
export interface Placed<T> {
  readonly value: T;
  readonly path: YamlPath;
  readonly findings: Findings;
}

/** An object with a name of its own; `path` is that of its `spec`. */
export interface OpenSloObject<T> extends Placed<T> {
  readonly metadata: OpenSloMetadata;
}

type Kind = keyof OpenSloSpecs;

const VERSIONS = { "openslo/v1": v1Specs, "openslo/v1alpha": v1alphaSpecs, "openslo.com/v2alpha": v2Specs } as const;
export type OpenSloVersion = keyof typeof VERSIONS;

/** The objects of all documents of one version, which refer to each other by name. */
export class OpenSloShelf {
  readonly version: OpenSloVersion;
  private readonly byKind = new Map<string, Map<string, OpenSloObject<unknown>>>();

  constructor(version: OpenSloVersion) {
    this.version = version;
  }

  all<K extends Kind>(kind: K): readonly OpenSloObject<OpenSloSpecs[K]>[] {
    return [...(this.byKind.get(kind)?.values() ?? [])] as OpenSloObject<OpenSloSpecs[K]>[];
  }

  find<K extends Kind>(kind: K, name: string): OpenSloObject<OpenSloSpecs[K]> | undefined {
    return this.byKind.get(kind)?.get(name) as OpenSloObject<OpenSloSpecs[K]> | undefined;
  }

  /** What a name stands for; undefined after a finding. */
  resolve<K extends Kind>(kind: K, { value: name, path, findings }: Placed<string>) {
    const found = this.find(kind, name);
    if (found === undefined)
      findings.error(
        "unknown-ref",
        path,
        `names the ${kind} "${name}", which is not among the ${this.version} documents that were read: read its file too, or correct the name`,
      );
    return found;
  }

  add(kind: Kind, object: OpenSloObject<unknown>): void {
    const known = this.byKind.get(kind) ?? new Map<string, OpenSloObject<unknown>>();
    this.byKind.set(kind, known);
    const { name } = object.metadata;
    if (known.has(name)) object.findings.error("shape", ["metadata", "name"], `is that of another ${kind}: rename one`);
    else known.set(name, object);
  }
}

/** The shelves of all versions, and the findings of each document. */
export interface OpenSloShelves {
  readonly shelves: readonly OpenSloShelf[];
  readonly findings: readonly Findings[];
}

/** Sorts documents by what they are; those that can not be read are findings only. */
export function shelve(documents: readonly SloDocument[]): OpenSloShelves {
  const shelves = new Map(
    Object.keys(VERSIONS).map((version) => [version, new OpenSloShelf(version as OpenSloVersion)]),
  );
  const findings = documents.map(({ document, at, file }) => {
    const own = new Findings(at, file, "openslo");
    place(document, own, shelves);
    return own;
  });
  return { shelves: [...shelves.values()], findings };
}

function place(document: unknown, findings: Findings, shelves: ReadonlyMap<string, OpenSloShelf>): void {
  const version = String(valueAt(document, ["apiVersion"]));
  const shelf = shelves.get(version);
  if (shelf === undefined)
    return findings.error("shape", ["apiVersion"], `must be one of ${[...shelves.keys()].join(", ")}`);
  const kind = valueAt(document, ["kind"]);
  const read = readerOf(shelf.version, kind);
  if (read === undefined) return refuseKind(shelf.version, kind, findings);
  const shape = read(document, []);
  if ("faults" in shape) return findings.shape(shape.faults);
  const { metadata, spec } = shape.data;
  if (Object.keys(metadata.annotations ?? {}).length > 0)
    findings.warning("no-effect", ["metadata", "annotations"], "are for other tools: nothing here reads them");
  shelf.add(kind as Kind, { value: spec, path: ["spec"], findings, metadata });
}

function refuseKind(version: OpenSloVersion, kind: unknown, findings: Findings): void {
  if (version === "openslo.com/v2alpha" && kind === "BudgetAdjustment")
    return findings.error("unsupported", ["kind"], "is not read: write the time as an exclusion of the budget");
  findings.error("shape", ["kind"], `must be one of ${Object.keys(VERSIONS[version]).join(", ")}`);
}

interface OpenSloShape {
  readonly metadata: OpenSloMetadata;
  readonly spec?: unknown;
}

const readers = new Map<string, ReturnType<typeof shapeReader<OpenSloShape>>>();

function readerOf(version: OpenSloVersion, kind: unknown) {
  const specs: Readonly<Record<string, z.ZodType>> = VERSIONS[version];
  const spec = typeof kind === "string" && Object.hasOwn(specs, kind) ? specs[kind] : undefined;
  if (spec === undefined || typeof kind !== "string") return undefined;
  const key = `${version} ${kind}`;
  const read = readers.get(key) ?? shapeReader<OpenSloShape>(around(version, kind, spec));
  readers.set(key, read);
  return read;
}

const around = (version: string, kind: string, spec: z.ZodType) =>
  z.strictObject({ apiVersion: z.literal(version), kind: z.literal(kind), metadata: metadataField(), spec });
