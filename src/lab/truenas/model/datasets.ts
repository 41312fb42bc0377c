import type { LabDataset } from "./storage-shape.ts";

const DAY = 86_400;
const GIB = 1024 ** 3;
const TIB = 1024 ** 4;

/** What a dataset of the story differs in from {@link labDataset}'s. */
type Story = Partial<LabDataset> & { readonly id: string };

/** A file system without bounds or keys, as it is at `now`. */
function labDataset(now: number, story: Story): LabDataset {
  const used = story.used ?? 12 * GIB;
  const usedBySnapshots = story.usedBySnapshots ?? Math.round(used / 10);
  return {
    type: "FILESYSTEM",
    available: 4 * TIB,
    usedByDataset: used - usedBySnapshots,
    referenced: used - usedBySnapshots,
    quota: 0,
    refquota: 0,
    volumeSize: 0,
    compressRatio: 1.42,
    encryptionRoot: undefined,
    isKeyLoaded: false,
    origin: undefined,
    userProperties: {},
    createdAt: now - 400 * DAY,
    ...story,
    used,
    usedBySnapshots,
  };
}

const csiFilesystem = (volume: string): Story => ({
  id: `tank/k8s/nfs/${volume}`,
  used: 3 * GIB,
  refquota: 20 * GIB,
  userProperties: csiProperties(volume, "freenas-nfs"),
});

const csiVolume = (volume: string): Story => ({
  id: `tank/k8s/iscsi/${volume}`,
  type: "VOLUME",
  used: 9 * GIB,
  volumeSize: 32 * GIB,
  userProperties: csiProperties(volume, "freenas-iscsi"),
});

const csiProperties = (volume: string, driver: string): Record<string, string> => ({
  "democratic-csi:csi_volume_name": volume,
  "democratic-csi:managed_resource": "true",
  "democratic-csi:provision_success": "true",
  "democratic-csi:volume_context_provisioner_driver": driver,
});

/** Names are the part before the first slash and what follows; bulk datasets are `tank/bulk/dataset-00000` and on. */
export function createDatasets(now: number, bulk: number): LabDataset[] {
  const tank: Story[] = [
    { id: "tank", used: 5.2 * TIB, usedByDataset: GIB, referenced: GIB, usedBySnapshots: 0, available: 5.6 * TIB },
    { id: "tank/.system", used: 2 * GIB },
    { id: "tank/ix-apps", used: 40 * GIB },
    { id: "tank/media", used: 3.1 * TIB, compressRatio: 1.01 },
    { id: "tank/home", used: 420 * GIB, quota: 800 * GIB, compressRatio: 1.71 },
    { id: "tank/projects", used: 180 * GIB, refquota: 500 * GIB },
    { id: "tank/secret", used: 60 * GIB, encryptionRoot: "tank/secret", isKeyLoaded: true },
    { id: "tank/secret/papers", used: 8 * GIB, encryptionRoot: "tank/secret", isKeyLoaded: true },
    { id: "tank/vault", used: 21 * GIB, encryptionRoot: "tank/vault", isKeyLoaded: true },
    { id: "tank/vm-disk", type: "VOLUME", used: 66 * GIB, volumeSize: 100 * GIB },
    { id: "tank/k8s", used: 60 * GIB },
    { id: "tank/k8s/nfs", used: 20 * GIB },
    ...["pvc-0c1d7a52", "pvc-4be2f0a9", "pvc-9f31c6d4"].map(csiFilesystem),
    { id: "tank/k8s/iscsi", used: 30 * GIB },
    ...["pvc-1a2b3c4d", "pvc-5e6f7a8b"].map(csiVolume),
    {
      id: "tank/k8s/nfs/restored",
      used: 0.2 * GIB,
      referenced: 3 * GIB,
      origin: "tank/k8s/nfs/pvc-0c1d7a52@snapshot-1",
    },
  ];
  const others: Story[] = [
    { id: "backup", used: 26 * TIB, usedByDataset: 0, usedBySnapshots: 0, available: 31 * TIB },
    { id: "backup/tank", used: 22 * TIB },
    { id: "backup/laptops", used: 3 * TIB, quota: 4 * TIB },
    { id: "scratch", used: 0.35 * TIB, usedBySnapshots: 0, available: 1.4 * TIB },
  ];
  const bulkStory: Story[] = Array.from({ length: bulk }, (_, i) => ({
    id: `tank/bulk/dataset-${String(i).padStart(5, "0")}`,
    used: (1 + (i % 40)) * GIB,
  }));
  const parent: Story[] = bulk === 0 ? [] : [{ id: "tank/bulk", used: bulk * GIB }];
  return [...tank, ...parent, ...bulkStory, ...others].map((story) => labDataset(now, story));
}
