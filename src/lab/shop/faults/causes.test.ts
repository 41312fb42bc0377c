import { describe, expect, it } from "vitest";
import type { EvidenceDetail } from "../../../core/evidence.ts";
import type { Shop, ShopFault } from "../contract.ts";
import { simulateShop } from "../shop.ts";

const FAULT_AT = Date.UTC(2026, 9, 7, 13, 20);

const run = (fault: ShopFault | undefined): Shop =>
  simulateShop({
    seed: 5,
    fault,
    from: FAULT_AT - 60_000,
    faultAt: FAULT_AT,
    to: FAULT_AT + 600_000,
    rate: 0.05,
    remembered: [],
  });

const item = (detail: EvidenceDetail): { title: string; detail: EvidenceDetail } => ({ title: "something", detail });
const value = (field: string, is: string): ReturnType<typeof item> =>
  item({ kind: "field_value", field, value: is, comparison: "failed" });
const pattern = (template: string): ReturnType<typeof item> =>
  item({ kind: "log_pattern", template, sample: template, firstSeenAt: 0, isNew: true, services: ["frontend"] });
const metric = (name: string, labels: Readonly<Record<string, string>>): ReturnType<typeof item> =>
  item({ kind: "metric", metric: name, expr: "", labels, window: [], before: [], yesterday: [], lastWeek: [] });
const service = (name: string, what: "fails" | "is_slow"): ReturnType<typeof item> =>
  item({ kind: "service", service: name, what });

describe("the true cause", () => {
  it("is never found in a quiet shop", () => {
    const { causes } = run(undefined);
    expect(causes(pattern("no space left on device"))).toBe(false);
  });

  it("of refusals is the pattern that names who refuses, or the service that is refused, and no echo of it", () => {
    const { causes, place } = run("error_burst");
    const { service: refused = "", peer = "" } = place ?? {};
    expect(causes(pattern(`call of ${peer} failed: connect ECONNREFUSED <*>`))).toBe(true);
    expect(causes(service(refused, "fails"))).toBe(true);
    expect(causes(metric("client_requests_total", { service: refused, peer, outcome: "error" }))).toBe(true);
    expect(causes(pattern("POST /orders of checkout was answered <*>"))).toBe(false);
    expect(causes(service("mail", "fails"))).toBe(false);
    expect(causes(metric("process_cpu_seconds_total", { service: refused }))).toBe(false);
  });

  it("of slowness is the slow service and what it waits for, and not who waits for it", () => {
    const { causes, place } = run("latency_step");
    expect(causes(service(place?.service ?? "", "is_slow"))).toBe(true);
    expect(causes(pattern("waited <*> ms for a free worker, <*> are waiting"))).toBe(true);
    expect(causes(service("frontend", "is_slow"))).toBe(false);
    expect(causes(metric("http_request_duration_seconds", { service: "frontend" }))).toBe(false);
  });

  it("of a bad version is the version or its rollout, and not what it throws", () => {
    const { causes, place, changes } = run("bad_version");
    const change = changes.find(({ kind }) => kind === "deploy");
    expect(causes(value("service.version", place?.version ?? ""))).toBe(true);
    expect(change && causes(item({ kind: "change", change }))).toBe(true);
    expect(causes(pattern("TypeError: Cannot read properties of undefined"))).toBe(false);
    expect(change && causes(item({ kind: "change", change: { ...change, labels: { service: "mail" } } }))).toBe(false);
  });

  it("of a bad pod is the pod, and not its service", () => {
    const { causes, place } = run("bad_pod");
    expect(causes(value("kubernetes.pod.name", place?.pod ?? ""))).toBe(true);
    expect(causes(metric("http_requests_total", { pod: place?.pod ?? "" }))).toBe(true);
    expect(causes(service(place?.service ?? "", "fails"))).toBe(false);
  });

  it("of a full disk is the disk, its node or the complaint, and not who fails", () => {
    const { causes, place } = run("disk_full");
    const node = place?.node ?? "";
    expect(causes(metric("node_filesystem_avail_bytes", { node }))).toBe(true);
    expect(causes(pattern("ENOSPC: no space left on device, write <*>"))).toBe(true);
    expect(causes(value("host.name", node))).toBe(true);
    expect(causes(metric("node_load1", { node }))).toBe(false);
    expect(causes(service("frontend", "fails"))).toBe(false);
  });

  it("of an ended certificate is the handshake or the certificate, and not who fails", () => {
    const { causes, place } = run("expired_certificate");
    expect(causes(pattern("TLS handshake with <*> failed: x509: certificate has expired"))).toBe(true);
    expect(causes(metric("x509_cert_expired", { service: place?.service ?? "" }))).toBe(true);
    expect(causes(service("frontend", "fails"))).toBe(false);
    expect(causes(pattern("certificate of <*> ends in <*> days"))).toBe(false);
  });
});
