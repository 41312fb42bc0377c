import { basename } from "node:path";
import { minutes } from "../../../core/duration.ts";
import { asCollectError, CollectError } from "../../../core/errors.ts";
import type { FormatFaultReason, ReadResult } from "../certificate.ts";
import type { CertificatesConfig } from "../config.ts";
import { expiryOf } from "../expiry.ts";
import type { Bundle, ExpiryOverride, SourceReading, StoredSource } from "../inventory.ts";
import type { CertificateReader } from "../x509/certificate-reader.ts";
import { FileMemory } from "./file-memory.ts";
import { lookAt, type FileState } from "./file-state.ts";
import { MOST_BYTES } from "./files.ts";
import { findFiles } from "./find-files.ts";
import { readKubeconfig, type KubeconfigCertificate } from "./kubeconfig-shape.ts";

type Entry = CertificatesConfig["kubeconfigs"][number];
type Reader = Pick<CertificateReader, "read">;

/** One certificate of a kubeconfig, read unless it stands in another file. */
interface Item extends Omit<KubeconfigCertificate, "source" | "field"> {
  readonly content: ReadResult | { readonly file: string };
}

/** Far above any kubeconfig; a long text of YAML keeps the machine busy. */
const MOST_KUBECONFIG_BYTES = 1024 * 1024;

/** Certificates in kubeconfig files, and in the files that they name. Only those that changed are opened. */
export function openKubeconfigs(entry: Entry, reader: Reader): StoredSource {
  return new KubeconfigSource(entry, reader);
}

class KubeconfigSource implements StoredSource {
  readonly kind = "kubeconfig";
  readonly name: string;
  readonly every = minutes(1);
  readonly #paths: readonly string[];
  readonly #expiry: ExpiryOverride | undefined;
  readonly #kubeconfigs: FileMemory<readonly Item[]>;
  readonly #named: FileMemory<ReadResult>;

  constructor(entry: Entry, reader: Reader) {
    this.name = entry.paths.join(", ");
    this.#paths = entry.paths;
    this.#expiry = expiryOf(entry);
    this.#kubeconfigs = new FileMemory({
      mostBytes: MOST_KUBECONFIG_BYTES,
      make: (bytes, path) => readItems(reader, bytes, path),
    });
    this.#named = new FileMemory({
      mostBytes: MOST_BYTES,
      make: async (bytes, path) => (bytes === undefined ? withFault("too_large", path) : reader.read(bytes)),
    });
  }

  async read(signal: AbortSignal): Promise<SourceReading> {
    const { files, missing: unfound } = await findFiles(this.#paths, signal);
    const kubeconfigs = await this.#kubeconfigs.read(files, signal);
    const named = await this.#readNamed(kubeconfigs, signal);
    const bundles: Bundle[] = [];
    const missing = [...unfound];
    for (const [index, { path }] of files.entries()) {
      const items = kubeconfigs[index] ?? [];
      if (items instanceof CollectError) missing.push({ piece: path, error: items });
      else
        for (const item of items) {
          const result = "file" in item.content ? named.get(item.content.file) : item.content;
          const where = `${path}, ${item.kind} ${item.key}`;
          if (result instanceof CollectError) missing.push({ piece: where, error: result });
          else if (result !== undefined) bundles.push(this.#bundle(item, path, where, result));
        }
    }
    return { bundles, missing };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** What the files hold that the kubeconfigs name, by their paths. */
  async #readNamed(
    kubeconfigs: readonly (readonly Item[] | CollectError)[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, ReadResult | CollectError>> {
    const items = kubeconfigs.flatMap((each) => (each instanceof CollectError ? [] : each));
    const paths = [...new Set(items.flatMap(({ content }) => ("file" in content ? [content.file] : [])))];
    const results = await this.#named.read(await Promise.all(paths.map(fileAt)), signal);
    return new Map(results.map((result, index) => [paths[index] ?? "", result]));
  }

  #bundle({ kind, key }: Item, path: string, where: string, result: ReadResult): Bundle {
    // the kubeconfig itself, also for what stands in a file that it names, as x509-certificate-exporter has it
    const place = { filename: basename(path), filepath: path, embedded_kind: kind, embedded_key: key };
    return { kind: this.kind, place, where, ...result, ...(this.#expiry !== undefined && { expiry: this.#expiry }) };
  }
}

async function readItems(reader: Reader, bytes: Uint8Array | undefined, path: string): Promise<readonly Item[]> {
  if (bytes === undefined)
    throw new CollectError(
      "body_too_large",
      `${path}: a kubeconfig of more than ${MOST_KUBECONFIG_BYTES} bytes is not read`,
    );
  const found = readKubeconfig(new TextDecoder().decode(bytes), path);
  return Promise.all(
    found.map(async ({ kind, key, field, source }): Promise<Item> => {
      if ("file" in source) return { kind, key, content: source };
      const isDecoded = source.bytes !== undefined;
      return {
        kind,
        key,
        content: isDecoded ? await reader.read(source.bytes) : withFault("bad_pem", `${field}: not base64`),
      };
    }),
  );
}

async function fileAt(path: string): Promise<FileState | CollectError> {
  try {
    const found = await lookAt(path);
    return found === "folder" ? new CollectError("not_found", `${path}: it is a folder`) : found;
  } catch (thrown) {
    return asCollectError(thrown);
  }
}

const withFault = (reason: FormatFaultReason, detail: string): ReadResult => ({
  certificates: [],
  revocationLists: [],
  faults: [{ reason, detail }],
});
