/** One save of a dashboard. */
export interface Save {
  readonly revision: number;
  /** Counts up over all saves of all things. */
  readonly resourceVersion: number;
  readonly spec: Spec;
  readonly folderUid: string;
  readonly message: string;
  readonly by: string;
}

/** A dashboard's content, as it was sent. */
export type Spec = Readonly<Record<string, unknown>>;

/** A dashboard of an emulated Grafana. */
export interface LabDashboard {
  readonly uid: string;
  /** Oldest first; the last one is what it is now. */
  readonly saves: readonly Save[];
  /** The file that provisions it, if one does. */
  readonly provisionedFrom?: string;
}

/** What is saved. */
export interface SaveRequest {
  readonly uid: string;
  readonly spec: Spec;
  readonly folderUid: string;
  readonly message?: string | undefined;
  readonly by: string;
  readonly provisionedFrom?: string;
}

/** Folders and dashboards of an emulated Grafana. */
export class GrafanaStore {
  readonly folders = new Map<string, { readonly title: string; readonly by: string }>();
  readonly dashboards = new Map<string, LabDashboard>();
  #last = 1_000;

  save({ uid, spec, folderUid, message = "", by, provisionedFrom }: SaveRequest): Save {
    const former = this.dashboards.get(uid);
    const { id: _, uid: __, version: ___, ...content } = spec;
    const save = {
      revision: (former?.saves.at(-1)?.revision ?? 0) + 1,
      resourceVersion: ++this.#last,
      spec: content,
      folderUid,
      message,
      by,
    };
    const file = provisionedFrom ?? former?.provisionedFrom;
    const saves = [...(former?.saves ?? []), save];
    this.dashboards.set(uid, { uid, saves, ...(file === undefined ? {} : { provisionedFrom: file }) });
    return save;
  }

  /** The dashboard's last save. */
  now(uid: string): Save | undefined {
    return this.dashboards.get(uid)?.saves.at(-1);
  }
}
