import type { Target } from "../core/pack.ts";

/** Names a target among all, as in `proxmox/home`. */
export const targetKey = ({ collector, name }: Pick<Target, "collector" | "name">): string => `${collector}/${name}`;
