import { backUpStore } from "../../app/backup-store.ts";
import { loadConfig } from "../../config/load.ts";
import { counted } from "../../lib/words.ts";
import { kinds } from "../kinds.ts";

/** Copies the store to a new file while the service runs, and prints what is in the copy. */
export async function backup({ file, to }: { readonly file: string; readonly to: string }): Promise<void> {
  const { store } = await loadConfig({ file, ...kinds, env: process.env });
  const { bytes, conversations, notifications, bundles } = await backUpStore(store, to);
  const held = [
    counted(conversations, "conversation"),
    counted(notifications, "notification"),
    counted(bundles, "bundle of evidence", "bundles of evidence"),
  ];
  process.stdout.write(`${to}: ${bytes} bytes, ${held.join(", ")}\n`);
}
