/**
 * Classes of the server's own alerts that tell of what our rules tell already, with the name of our alert, so that
 * nobody hears of one thing twice.
 * Source: github.com/truenas/middleware, src/middlewared/middlewared/alert/source
 */
export const COVERED_CLASSES: Readonly<Record<string, string>> = {
  ApiKeyRevoked: "TrueNasApiKeyRevoked",
  BootPoolStatus: "TrueNasPoolUnhealthy",
  CertificateExpired: "TrueNasCertificateExpiring",
  CertificateIsExpiring: "TrueNasCertificateExpiring",
  CertificateIsExpiringSoon: "TrueNasCertificateExpiring",
  CloudBackupTaskFailed: "TrueNasTaskFailed",
  CloudSyncTaskFailed: "TrueNasTaskFailed",
  HasUpdate: "TrueNasUpdateAvailable",
  QuotaCritical: "TrueNasDatasetQuotaNearlyFull",
  QuotaWarning: "TrueNasDatasetQuotaNearlyFull",
  RESTAPIUsage: "TrueNasRestClients",
  ReplicationFailed: "TrueNasTaskFailed",
  RsyncFailed: "TrueNasTaskFailed",
  ScrubPaused: "TrueNasPoolScrubPaused",
  SnapshotFailed: "TrueNasTaskFailed",
  UPSBatteryLow: "TrueNasUpsBatteryLow",
  UPSOnBattery: "TrueNasUpsOnBattery",
  VolumeStatus: "TrueNasPoolUnhealthy",
  ZpoolCapacityCritical: "TrueNasPoolFull",
  ZpoolCapacityNotice: "TrueNasPoolNearlyFull",
  ZpoolCapacityWarning: "TrueNasPoolNearlyFull",
};
