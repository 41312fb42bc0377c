import type { LabDataset } from "../model/storage-shape.ts";
import type { LabMethods, MethodContext } from "./contract.ts";
import { snapshotCount } from "./snapshots.ts";
import { answerQuery, readQuery } from "./storage-query.ts";

/** `pool.dataset.query`. */
export const datasetsMethods: LabMethods = {
  "pool.dataset.query": {
    role: "DATASET_READ",
    call: (context) => answerQuery(datasetRows(context), context.params),
  },
};

type Row = Record<string, unknown> & { readonly id: string; readonly children: Row[] };

/** What the middleware keeps to itself, in every release. */
const INTERNAL = /\/(?:\.system|ix-applications|ix-apps|\.ix-virt)/;

/**
 * The rows before filters. Without filters and without children there are the roots alone; a flat answer has every
 * dataset, and its children in it once more.
 */
function datasetRows(context: MethodContext): readonly Row[] {
  const { filters, options } = readQuery(context.params);
  const { flat = true, retrieve_children: isDeep = true } = options.extra;
  const shown = context.state.storage.datasets.filter(({ id }) => !INTERNAL.test(id));
  const rows = new Map<string, Row>();
  for (const dataset of shown) {
    const row = datasetRow(context, dataset, options.extra);
    rows.set(dataset.id, row);
    if (isDeep === true) rows.get(dataset.id.slice(0, dataset.id.lastIndexOf("/")))?.children.push(row);
  }
  const all = [...rows.values()];
  const isRootsOnly = filters.length === 0 && (isDeep !== true || flat !== true);
  return isRootsOnly ? all.filter(({ id }) => !id.includes("/")) : all;
}

const CRYPTO: ReadonlySet<string> = new Set(["encryption", "encryptionroot", "keyformat", "keylocation", "keystatus"]);

function datasetRow(context: MethodContext, dataset: LabDataset, extra: Readonly<Record<string, unknown>>): Row {
  const isOld = context.release === "24.10" || context.release === "25.04";
  const wanted = Array.isArray(extra["properties"]) ? new Set(extra["properties"].map(String)) : undefined;
  const hasCrypto = isOld || wanted === undefined || [...CRYPTO].some((name) => wanted.has(name));
  const isEncrypted = dataset.encryptionRoot !== undefined;
  // before 25.10 a fixed list of properties is handed on, and `referenced` is none of them
  const known = propertiesOf(context, dataset).filter(([name]) => !(isOld && name === "referenced"));
  return {
    id: dataset.id,
    type: dataset.type,
    name: dataset.id,
    pool: dataset.id.split("/")[0] ?? "",
    ...(hasCrypto && {
      encrypted: isEncrypted,
      encryption_root: dataset.encryptionRoot ?? null,
      key_loaded: isEncrypted && dataset.isKeyLoaded,
      locked: isEncrypted && !dataset.isKeyLoaded,
    }),
    ...Object.fromEntries(
      known
        .filter(([name]) => wanted?.has(name) ?? name !== "referenced")
        .map(([name, value]) => [RENAMED[name] ?? name, value]),
    ),
    ...(extra["retrieve_user_props"] !== false && { user_properties: userPropertiesOf(dataset) }),
    ...(extra["snapshots_count"] === true && {
      snapshot_count: snapshotCount(context.state.tasks.snapshots, dataset.id),
    }),
    mountpoint: dataset.type === "VOLUME" ? null : `/mnt/${dataset.id}`,
    children: [],
  };
}

const RENAMED: Readonly<Record<string, string>> = { encryption: "encryption_algorithm", keyformat: "key_format" };

const userPropertiesOf = ({ userProperties }: LabDataset) =>
  Object.fromEntries(
    Object.entries(userProperties).map(([name, value]) => [
      name,
      { parsed: value, rawvalue: value, value, source: "LOCAL", source_info: null },
    ]),
  );

type Property = readonly [name: string, value: unknown];

function propertiesOf({ date }: MethodContext, dataset: LabDataset): readonly Property[] {
  const isVolume = dataset.type === "VOLUME";
  const ratio = dataset.compressRatio.toFixed(2);
  const own = isVolume
    ? [size("volsize", dataset.volumeSize), text("volblocksize", "16384", "16K")]
    : [bound("quota", dataset.quota), bound("refquota", dataset.refquota), text("recordsize", "131072", "128K")];
  const algorithm = dataset.encryptionRoot === undefined ? "off" : "aes-256-gcm";
  return [
    size("used", dataset.used),
    size("available", dataset.available),
    size("usedbysnapshots", dataset.usedBySnapshots),
    size("usedbydataset", dataset.usedByDataset),
    size("usedbychildren", Math.max(0, dataset.used - dataset.usedByDataset - dataset.usedBySnapshots)),
    size("usedbyrefreservation", 0),
    size("referenced", dataset.referenced),
    ...own,
    text("compressratio", ratio, `${ratio}x`),
    text("compression", "lz4"),
    text("encryption", algorithm, algorithm === "off" ? null : "AES-256-GCM"),
    text("keyformat", algorithm === "off" ? "none" : "hex", algorithm === "off" ? null : "HEX"),
    text("origin", dataset.origin ?? ""),
    text("sync", "standard"),
    text("readonly", "off"),
    text("copies", "1"),
    ["creation", { ...property(date(dataset.createdAt), String(dataset.createdAt), "Thu Jan  1  0:00 2026") }],
  ];
}

const property = (parsed: unknown, rawvalue: string, value: string | null) => ({
  parsed,
  rawvalue,
  value,
  source: "NONE",
  source_info: null,
});

const text = (name: string, raw: string, value: string | null = raw.toUpperCase()): Property => [
  name,
  property(raw, raw, value),
];
const size = (name: string, bytes: number): Property => {
  const whole = Math.round(bytes);
  return [name, property(whole, String(whole), inUnits(whole))];
};

/** 0 stands for no bound, and is parsed to null. */
const bound = (name: string, bytes: number): Property =>
  bytes === 0 ? [name, property(null, "0", null)] : size(name, bytes);

const inUnits = (bytes: number): string =>
  bytes >= 1024 ** 4 ? `${(bytes / 1024 ** 4).toFixed(2)} TiB` : `${(bytes / 1024 ** 3).toFixed(2)} GiB`;
