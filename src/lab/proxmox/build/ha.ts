import type { HaService, HaState, PveGuest } from "../model.ts";
import type { World } from "./world.ts";

/** High availability for every sixth guest; the guests that are stopped are wanted stopped. */
export function buildHa({ nodeNames, release }: World, guests: readonly PveGuest[]): HaState {
  const services = guests
    .filter(({ template }, index) => index % 6 === 0 && !template)
    .map((guest) => service(guest, release));
  const isBusy = (node: string): boolean => services.some((one) => one.node === node && one.state === "started");
  return {
    master: nodeNames[0] ?? "pve1",
    masterLagSeconds: 4,
    services,
    nodes: Object.fromEntries(
      nodeNames.map((node) => [
        node,
        { status: "online", mode: "active", state: isBusy(node) ? "active" : "wait_for_agent_lock", lagSeconds: 3 },
      ]),
    ),
  };
}

function service({ type, vmid, node, status }: PveGuest, release: World["release"]): HaService {
  const state = status === "running" ? "started" : "stopped";
  return {
    sid: `${type === "qemu" ? "vm" : "ct"}:${vmid}`,
    node,
    state,
    requestState: state,
    config: { max_restart: 1, max_relocate: 1, ...(release === "9.1" ? { failback: 1 } : { group: "prefer-first" }) },
  };
}
