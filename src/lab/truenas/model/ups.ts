/** What the UPS tells, in percent and seconds. */
export interface LabUps {
  charge: number;
  runtime: number;
  load: number;
}
