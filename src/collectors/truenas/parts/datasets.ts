import { z } from "zod";
import { minutes, seconds } from "../../../core/duration.ts";
import { NoData } from "../../../core/errors.ts";
import type { CollectContext, Part } from "../../../core/pack.ts";
import { looseFlag, looseText, rows } from "../../../lib/answers/loose-shapes.ts";
import type { TrueNasClient } from "../client.ts";
import { excludedDatasets } from "../storage/excluded-datasets.ts";
import { datasets } from "../metrics/pools.ts";
import { zfsBound, zfsNumber, zfsText } from "../storage/zfs-property.ts";

/**
 * Properties by which storage drivers of Kubernetes mark what is theirs. The driver of TrueNAS itself (truenas-csi)
 * marks none of its datasets. Source: https://github.com/democratic-csi/democratic-csi (src/driver/controller-zfs)
 */
const CSI_MARKS = { "democratic-csi": "democratic-csi:managed_resource" } as const;

const PROPERTIES = [
  "used",
  "available",
  "quota",
  "refquota",
  "usedbysnapshots",
  "usedbydataset",
  "referenced",
  "volsize",
  "compressratio",
  "origin",
] as const;

/**
 * One answer without what nobody reads: whole rows hold every dataset's children once more. Before 25.10 there is no
 * `referenced`. `encryption` is asked for since 25.10 and later tell of keys only beside it.
 */
const QUERY = [
  [],
  {
    extra: { flat: true, properties: [...PROPERTIES, "encryption"] },
    select: [
      "id",
      "type",
      "pool",
      "encrypted",
      "locked",
      ...PROPERTIES.map((name) => `${name}.parsed`),
      ...Object.values(CSI_MARKS).flatMap((name) => [
        `user_properties.${name}.value`,
        `user_properties.${name}.source`,
      ]),
    ],
  },
];

/** Thousands of datasets take the server a while. */
const QUERY_TIMEOUT = seconds(45);

const ratio = z
  .unknown()
  .optional()
  .transform((found) => {
    const number = zfsNumber.parse(found);
    return number ?? zfsNumber.parse(zfsText.parse(found)?.replace(/x$/i, ""));
  });

const datasetRow = z.object({
  id: z.string().min(1),
  type: looseText,
  pool: looseText,
  encrypted: looseFlag,
  locked: looseFlag,
  used: zfsNumber,
  available: zfsNumber,
  quota: zfsBound,
  refquota: zfsBound,
  usedbysnapshots: zfsNumber,
  usedbydataset: zfsNumber,
  referenced: zfsNumber,
  volsize: zfsBound,
  compressratio: ratio,
  origin: zfsText,
  user_properties: z.record(z.string(), z.unknown()).optional().catch(undefined),
});

type Dataset = z.output<typeof datasetRow>;

/** `pool.dataset.query`. */
export const datasetsPart: Part<TrueNasClient> = {
  id: "datasets",
  title: "Datasets",
  every: minutes(5),
  deadline: seconds(60),
  metrics: datasets,
  async collect(client, context) {
    const found = await client.call({
      method: "pool.dataset.query",
      params: QUERY,
      shape: rows(datasetRow),
      signal: context.signal,
      timeout: QUERY_TIMEOUT,
    });
    const listed = [...new Map(found.map((dataset) => [dataset.id, dataset])).values()];
    if (listed.length === 0) throw new NoData("the server has no datasets");
    recordCounts(context, listed);
    const isExcluded = excludedDatasets(client.config.datasets.exclude);
    for (const dataset of listed) if (!isExcluded(dataset.id)) recordDataset(context, dataset);
  },
};

const poolOf = ({ id, pool }: Dataset): string => pool ?? id.split("/")[0] ?? id;

function recordCounts(context: CollectContext, listed: readonly Dataset[]): void {
  const byType = Map.groupBy(listed, (row) => JSON.stringify([poolOf(row), row.type?.toLowerCase() ?? "unknown"]));
  for (const [key, { length }] of byType) {
    const [pool = "", type = ""] = JSON.parse(key) as string[];
    context.record(datasets.count, { pool, type }, length);
  }
  for (const [driver, mark] of Object.entries(CSI_MARKS))
    for (const [pool, { length }] of Map.groupBy(
      listed.filter((row) => isMarked(row, mark)),
      poolOf,
    ))
      context.record(datasets.csiVolumes, { pool, driver }, length);
}

/** What lies in a marked dataset inherits the mark. */
function isMarked({ user_properties: own }: Dataset, mark: string): boolean {
  const property = own?.[mark];
  if (zfsText.parse(property) !== "true") return false;
  const { source } = z.object({ source: looseText }).catch({ source: undefined }).parse(property);
  return source?.toUpperCase().startsWith("INHERITED") !== true;
}

function recordDataset(context: CollectContext, row: Dataset): void {
  const labels = { pool: poolOf(row), dataset: row.id };
  context.record(datasets.used, labels, row.used);
  context.record(datasets.usedBySnapshots, labels, row.usedbysnapshots);
  context.record(datasets.available, labels, row.available);
  context.record(datasets.quota, labels, row.quota);
  context.record(datasets.refquota, labels, row.refquota);
  context.record(datasets.referenced, labels, referencedOf(row));
  context.record(datasets.volumeSize, labels, row.volsize);
  context.record(datasets.compression, labels, row.compressratio);
  context.record(datasets.encrypted, labels, row.encrypted);
  if (row.encrypted === true) context.record(datasets.locked, labels, row.locked);
}

/** What a dataset refers to and what it alone takes are the same but for clones, which share with their origin. */
const referencedOf = ({ referenced, usedbydataset, origin }: Dataset): number | undefined =>
  referenced ?? (origin === undefined ? usedbydataset : undefined);
