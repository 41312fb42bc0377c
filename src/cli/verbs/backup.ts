import { backUpStore, streamStore } from "../../app/backup-store.ts";
import { loadConfig } from "../../config/load.ts";
import { counted } from "../../lib/words.ts";
import { kinds } from "../kinds.ts";

/**
 * Copies the store to a new file, or for `-` to standard output, while the service runs, and says what is in the copy.
 */
export async function backup({ file, to }: { readonly file: string; readonly to: string }): Promise<void> {
  const { store } = await loadConfig({ file, ...kinds, env: process.env, withoutFiles: true });
  if (to !== "-") {
    process.stdout.write(`${to}: ${figures(await backUpStore(store, to))}\n`);
    return;
  }
  // a reader that goes away is no good end here, as it is for other verbs
  process.stdout.removeAllListeners("error");
  process.stderr.write(`standard output: ${figures(await streamStore(store, process.stdout))}\n`);
}

type Copy = Awaited<ReturnType<typeof backUpStore>>;

function figures({ bytes, conversations, notifications, bundles }: Copy): string {
  const held = [
    counted(conversations, "conversation"),
    counted(notifications, "notification"),
    counted(bundles, "bundle of evidence", "bundles of evidence"),
  ];
  return `${bytes} bytes, ${held.join(", ")}`;
}
