import { describe, expect, it } from "vitest";
import { negotiateFormat } from "./format.ts";

const PROMETHEUS_2_42 =
  "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
const PROMETHEUS_3 =
  "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1";
const PROTOBUF_FIRST =
  "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6," + PROMETHEUS_3;
const FIREFOX = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

describe("negotiateFormat", () => {
  it.each([
    [undefined, "text"],
    ["", "text"],
    ["*/*", "text"],
    ["text/*", "text"],
    ["application/*", "text"],
    ["application/json", "text"],
    ["not a media range;;", "text"],
    [FIREFOX, "text"],
    [PROMETHEUS_2_42, "openmetrics"],
    [PROMETHEUS_3, "openmetrics"],
    [PROTOBUF_FIRST, "openmetrics"],
    ["application/openmetrics-text", "text"],
    ["application/openmetrics-text; version=1.0.0; charset=utf-8", "openmetrics"],
    ["Application/OpenMetrics-Text; Version=1.0.0", "openmetrics"],
    ["application/openmetrics-text; version=2.0.0, */*;q=0.1", "text"],
    ["application/openmetrics-text;version=1.0.0;q=0", "text"],
    ["application/openmetrics-text;version=1.0.0;q=0.3, text/plain;q=0.5", "text"],
    ["text/plain;version=0.0.4;q=0.5, application/openmetrics-text;version=0.0.1;q=0.75", "openmetrics"],
    ["text/plain, application/openmetrics-text;version=1.0.0", "text"],
    ["text/plain;version=1.0.0, application/openmetrics-text;version=1.0.0;q=0.1", "openmetrics"],
  ] as const)("reads %j as %s", (accept, format) => {
    expect(negotiateFormat(accept)).toBe(format);
  });
});
