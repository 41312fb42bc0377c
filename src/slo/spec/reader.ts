import type { YamlPath, YamlPlace } from "../../lib/yaml-places.ts";
import type { SloReading } from "../model.ts";

/** The place of a value of a document, or of a key in it; where there is none, of the nearest thing around it. */
export type At = (path: YamlPath, key?: string) => YamlPlace;

/**
 * Reads one document of a format: the SLOs in it, and a finding for everything that was asked and can not be done.
 * `document` is plain data of any shape, and `file` the name that findings give. Never throws.
 */
export type SloReader = (document: unknown, at: At, file: string) => SloReading;

/** One document of a file of specifications. */
export interface SloDocument {
  readonly document: unknown;
  readonly at: At;
  readonly file: string;
}

/** A format of SLO specifications. */
export interface SloFormat {
  /** What people call it, such as `sloth prometheus/v1`. */
  readonly name: string;
  /** Whether a document claims to be of this format, by its `apiVersion` or `version`; it may still be wrong inside. */
  claims(document: Readonly<Record<string, unknown>>): boolean;
  /** Reads all documents of the format together, since one may name another. */
  read(documents: readonly SloDocument[]): SloReading;
}

/** For a format whose documents stand for themselves. */
export const eachAlone =
  (read: SloReader): SloFormat["read"] =>
  (documents) =>
    joined(documents.map(({ document, at, file }) => read(document, at, file)));

/** Readings as one, in their order. */
export const joined = (readings: readonly SloReading[]): SloReading => ({
  slos: readings.flatMap(({ slos }) => slos),
  findings: readings.flatMap(({ findings }) => findings),
  unread: readings.flatMap(({ unread = [] }) => unread),
});
