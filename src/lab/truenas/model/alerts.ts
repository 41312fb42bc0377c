/** An alert that the server raises. */
export interface LabAlert {
  readonly uuid: string;
  readonly klass: string;
  readonly level: string;
  readonly raisedAt: number;
  dismissed: boolean;
  /** HTML, as its page shows it. */
  readonly formatted: string;
  /** Whether nobody takes it back but who dismisses it. */
  readonly oneShot: boolean;
}

/** What an alert is made of; of now, not dismissed and no one-shot unless told otherwise. */
export interface LabAlertOptions {
  readonly klass: string;
  readonly level: string;
  readonly formatted: string;
  readonly dismissed?: boolean;
  readonly oneShot?: boolean;
}

/** Raises an alert. */
export function raiseAlert(alerts: LabAlert[], now: number, options: LabAlertOptions): LabAlert {
  const { klass, level, formatted, dismissed = false, oneShot = false } = options;
  const uuid = `00000000-0000-4000-8000-${String(alerts.length + 1).padStart(12, "0")}`;
  const alert: LabAlert = { uuid, klass, level, raisedAt: now, dismissed, formatted, oneShot };
  alerts.push(alert);
  return alert;
}
