import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { certificatesCollector } from "../../src/collectors/certificates/collector.ts";
import { startCertificatesLab } from "../../src/lab/certificates/certificates-lab.ts";
import { startBlackbox, type BlackboxModule } from "../helpers/blackbox.ts";
import { describeReal } from "../helpers/describe-real.ts";
import { createTemporaryFolder } from "../helpers/janitor.ts";
import { pollTarget } from "../helpers/poll-target.ts";
const D: Record<string, any> = {
 smtp: [{expect:"^220 ([^ ]+) ESMTP (.+)$"},{send:"EHLO prober\r"},{expect:"^250-STARTTLS"},{send:"STARTTLS\r"},{expect:"^220"},{starttls:true}],
 imap: [{expect:"OK.*STARTTLS"},{send:". STARTTLS"},{expect:"OK"},{starttls:true}],
 pop3: [{expect:"^\\+OK"},{send:"STLS\r"},{expect:"^\\+OK"},{starttls:true}],
 ftp: [{expect:"^220"},{send:"AUTH TLS\r"},{expect:"^234"},{starttls:true}],
};
describeReal("x", ["prometheus-blackbox-exporter"], (p) => {
  it("x", { timeout: 120_000 }, async () => {
    const folder = await createTemporaryFolder("x");
    const lab = await startCertificatesLab();
    const ca = join(folder.path, "ca.pem");
    await writeFile(ca, lab.caPem);
    const modules: Record<string, BlackboxModule> = {};
    const all = Object.values(lab.endpoints);
    for (const e of all) for (const insecure of [false, true]) {
      const tls_config = { server_name: e.serverName, ca_file: ca, insecure_skip_verify: insecure, min_version: "TLS10" };
      const k = insecure ? "insecure" : "verified";
      if (e.protocol === "tls") {
        modules[`tcp_${k}_${e.name}`] = { prober: "tcp", timeout: "2s", tcp: { tls: true, tls_config, preferred_ip_protocol: "ip4" } };
        modules[`http_${k}_${e.name}`] = { prober: "http", timeout: "2s", http: { tls_config, preferred_ip_protocol: "ip4" } };
      } else if (D[e.protocol]) modules[`tcp_${k}_${e.name}`] = { prober: "tcp", timeout: "2s", tcp: { query_response: D[e.protocol], tls_config, preferred_ip_protocol: "ip4" } };
    }
    const bb = await startBlackbox(p["prometheus-blackbox-exporter"], modules);
    const target = await certificatesCollector.target.parse({ name: "x", endpoints: all.map((e) => ({ urls: [e.url], server_name: e.serverName, ca_file: ca, timeout: "2s" })) }).open();
    const polled = await pollTarget(target, ["endpoints"]);
    await target.close();
    const S = ["probe_success","probe_ssl_earliest_cert_expiry", "probe_ssl_last_chain_expiry_timestamp_seconds", "probe_ssl_last_chain_info", "probe_tls_version_info", "probe_tls_cipher_info", "probe_ip_protocol"];
    const fmt = (n: string, l: [string, string][], v: number) => `${n}{${l.filter(([k]) => k !== "endpoint").toSorted(([a],[b]) => a < b ? -1 : 1).map(([k, x]) => `${k}=${x.slice(0,90)}`).join(",")}} ${v}`;
    for (const e of all) {
      const ours = new Set<string>();
      for (const [t, v] of polled.series) { if (!t.includes(`endpoint="${e.url}"`)) continue; const [n = "", r = ""] = t.split(/\{(.*)/s); if (!S.includes(n)) continue;
        const l = [...r.matchAll(/([a-z_0-9]+)=("(?:[^"\\]|\\.)*")/g)].map(([, k = "", q = ""]) => [k, String(JSON.parse(q))] as [string, string]); ours.add(fmt(n, l, v)); }
      for (const m of ["tcp_verified", "tcp_insecure", "http_verified", "http_insecure"]) {
        const mod = `${m}_${e.name}`; if (!(mod in modules)) continue;
        const f = await bb.probe(mod, m.startsWith("http") ? `https://127.0.0.1:${e.port}/` : `127.0.0.1:${e.port}`);
        const theirs = new Set(f.filter((x) => S.includes(x.name)).flatMap((x) => x.samples).map((s) => fmt(s.name, s.labels.map((z) => [...z] as [string, string]), Number(s.value))));
        const a = [...theirs].filter((x) => !ours.has(x)), b = [...ours].filter((x) => !theirs.has(x));
        if (a.length || b.length) console.log(`${e.name} ${m}\n  THEIRS ${a.join("\n         ")}\n  OURS   ${b.join("\n         ")}`);
        else console.log(`${e.name} ${m} SAME ${theirs.size}`);
      }
    }
    await bb.stop(); await lab.close(); await folder.remove();
    expect(1).toBe(1);
  });
});
