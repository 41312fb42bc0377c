import type { LabDisk } from "./storage-shape.ts";

const GB = 1000 ** 3;
const TB = 1000 ** 4;

/** The disks of all pools, and one that is in none. */
export function createDisks(): LabDisk[] {
  const letters = "abcdefghijkl".split("");
  return [
    ...letters.map((letter, i) => createHardDisk(`sd${letter}`, i)),
    ...["sdm", "sdn"].map((name, i) => createSsd(name, i)),
    ...[0, 1, 2, 3].map((i) => createNvme(i)),
    createHardDisk("sdo", 14),
  ];
}

function createHardDisk(name: string, i: number): LabDisk {
  const isSolid = name === "sdl";
  const passed = { description: "Short offline", status: "SUCCESS", verbose: "Completed without error" } as const;
  return {
    name,
    serial: `${isSolid ? "S5Y1NX0R" : "ZR5A1B"}${String(i).padStart(2, "0")}`,
    model: isSolid ? "Samsung_SSD_870_EVO_2TB" : i < 5 ? "ST12000NM001G" : "ST16000NM001G",
    type: isSolid ? "SSD" : "HDD",
    rotationRate: isSolid ? null : 7200,
    bus: "SATA",
    size: isSolid ? 2 * TB : (i < 5 ? 12 : 16) * TB,
    temperature: 32 + (i % 6),
    standby: name === "sdo" ? "20" : "ALWAYS ON",
    selfTests: [
      { ...passed, lifetime: 21_400 + i },
      { ...passed, lifetime: 21_230 + i },
    ],
  };
}

const createSsd = (name: string, i: number): LabDisk => ({
  name,
  serial: `BTYF1240${i}`,
  model: "INTEL_SSDSC2KB480G8",
  type: "SSD",
  rotationRate: null,
  bus: "SATA",
  size: 120 * GB,
  temperature: 29 + i,
  standby: "ALWAYS ON",
  selfTests: [],
});

const createNvme = (i: number): LabDisk => ({
  name: `nvme${i}n1`,
  serial: `PHLJ9110${i}`,
  model: "INTEL SSDPE2KX010T8",
  type: "SSD",
  rotationRate: null,
  bus: "NVME",
  size: TB,
  temperature: 41 + i,
  standby: "ALWAYS ON",
  selfTests: [],
});
