import { MethodError, type LabMethods, type MethodContext } from "./contract.ts";

/** Newer releases. Source: github.com/truenas/middleware, plugins/update.py and api/v25_10_0/update.py */
export const updateMethods: LabMethods = {
  "update.check_available": { role: "SYSTEM_UPDATE_READ", until: "25.04", call: checkAvailable },
  "update.status": { role: "SYSTEM_UPDATE_READ", since: "25.10", call: status },
};

const NOTES_URL = "https://www.truenas.com/docs/scale/gettingstarted/scalereleasenotes/";

function checkAvailable({ state }: MethodContext): unknown {
  const { newVersion, error } = state.system.update;
  if (error !== undefined) throw new MethodError(error.errname, error.reason);
  if (newVersion === undefined) return { status: "UNAVAILABLE" };
  const change = {
    operation: "upgrade",
    old: { name: "TrueNAS", version: "older" },
    new: { name: "TrueNAS", version: newVersion },
  };
  return {
    status: "AVAILABLE",
    changes: [change],
    notice: null,
    notes: null,
    release_notes_url: NOTES_URL,
    changelog: "",
    version: newVersion,
    filename: `TrueNAS-${newVersion}.update`,
    filesize: 1_900_000_000,
    checksum: "0".repeat(64),
  };
}

function status({ state }: MethodContext): unknown {
  const { newVersion, error } = state.system.update;
  if (error !== undefined) return { code: "ERROR", status: null, error, update_download_progress: null };
  const offered = newVersion === undefined ? null : offer(newVersion);
  return {
    code: "NORMAL",
    status: {
      current_version: { train: "TrueNAS-SCALE-Goldeye", profile: "GENERAL", matches_profile: true },
      new_version: offered,
    },
    error: null,
    update_download_progress: null,
  };
}

const offer = (version: string): Record<string, unknown> => ({
  version,
  manifest: { filename: `TrueNAS-${version}.update`, version, filesize: 1_900_000_000, profile: "GENERAL" },
  release_notes: null,
  release_notes_url: NOTES_URL,
});
