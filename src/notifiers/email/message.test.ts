import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aClosedMessage, aMessage, anAlert, hostileMessage } from "../shared/__fixtures__/messages.ts";
import { renderMail, subjectOf } from "./message.ts";

const render = (message = aMessage(), plain = false) => renderMail(message, { subject: subjectOf(message), plain });

const busy = aMessage({
  title: "DiskFull on 3 hosts",
  alerts: [
    anAlert({ description: "It grows by 2 GB an hour.\nIt is full at noon." }),
    anAlert({
      summary: "Disk sdb of db-2 is 91 % full",
      where: { instance: "db-2", disk: "sdb" },
      links: { runbook: "https://runbooks.example.org/other", dashboard: "https://grafana.example.org/d/db-2" },
    }),
    anAlert({ state: "silenced", endsAt: anAlert().startsAt + 60_000, closedBecause: "silenced: disk is replaced" }),
  ],
  moreAlerts: 4,
  counts: { firing: 6, closed: 1, hidden: 2 },
  changes: {
    firing: [anAlert({ summary: "Disk sdb of db-2 is 91 % full" })],
    moreFiring: 3,
    closed: [anAlert({ state: "silenced" })],
    moreClosed: 0,
  },
  evidence: ["db-2 logged 'no space left' 14 times"],
});

describe("a mail", () => {
  it("in plain text says what, where, since when, how much, what changed and where to look", () => {
    expect(render(busy).text).toBe(`🔥 [FIRING:8] DiskFull on 3 hosts

critical, since 2026-11-20 10:00 UTC
6 firing, 1 over, 2 that the sender left out

What changed since the last mail
  New: Disk sdb of db-2 is 91 % full [instance=db-1, disk=sda] (value 97)
  and 3 more new
  Over (silenced): Disk sda of db-1 is 97 % full (value 97)

Alerts
  1. Disk sda of db-1 is 97 % full
     instance=db-1, disk=sda; value 97; since 2026-11-20 10:00 UTC
     It grows by 2 GB an hour.
     It is full at noon.
  2. Disk sdb of db-2 is 91 % full
     instance=db-2, disk=sdb; value 97; since 2026-11-20 10:00 UTC
     Runbook: https://runbooks.example.org/other
     Dashboard: https://grafana.example.org/d/db-2
  3. (over) Disk sda of db-1 is 97 % full
     instance=db-1, disk=sda; value 97; over at 2026-11-20 10:01 UTC: silenced: disk is replaced
  and 4 more alerts, and 2 that the sender left out

Links
  Runbook: https://runbooks.example.org/DiskFull
  Dashboard: https://grafana.example.org/d/disks?var-host=db-1&from=1
  Silence: https://alertmanager.example.org/#/silences/new
  Source: https://prometheus.example.org/graph?g0.expr=up
  Watchkeeper: https://watchkeeper.example.org/conversations/1

Labels
  alertname=DiskFull
  team=storage

What was found
  db-2 logged 'no space left' 14 times

-- 
Sent by Watchkeeper about alerts of homelab.
`);
  });

  it("in HTML says the same", () => {
    const { html = "", text } = render(busy);
    const shown = html
      .replaceAll(/<(head|style)[^]*?<\/\1>/g, "")
      .replaceAll(/<[^>]+>/g, " ")
      .replaceAll("&amp;", "&")
      .replaceAll(/\s+/g, " ");
    const said = text
      .split("\n")
      .map((line) => line.replace(/^\s*(\d\. (\(over\) )?|-- $|Links$|\w+: https.*)?/, "").trim());
    for (const line of said) expect(shown).toContain(line);
    expect(html.match(/href="[^"]+"/g)).toHaveLength(7);
    expect(html).toContain('href="https://grafana.example.org/d/disks?var-host=db-1&amp;from=1"');
  });

  it("about one alert does not count it", () => {
    expect(render().text).not.toMatch(/1 firing/);
    expect(render().text).not.toMatch(/What changed/);
  });

  it("about a group that is over says so at the first glance", () => {
    const mail = render(aClosedMessage());
    expect(mail.subject).toBe("[RESOLVED] DiskFull on db-1");
    expect(mail.text).toMatch(/^✅ \[RESOLVED\] DiskFull on db-1\n\ncritical, over at .* after 2 h 5 min\n/);
    expect(mail.html).toContain("#43a047");
  });

  it("in its plain form is text alone", () => {
    expect(render(busy, true)).toMatchObject({ html: undefined, text: render(busy).text });
  });

  it("keeps the first subject, but for the status in brackets", () => {
    const mail = renderMail(busy, { subject: "DiskFull on db-1", plain: false });
    expect(mail.subject).toBe("[FIRING:8] DiskFull on db-1");
    expect(mail.text).toContain("[FIRING:8] DiskFull on 3 hosts");
    expect(renderMail(busy, { subject: "a\r\nX-B:\tc", plain: false }).subject).toBe("[FIRING:8] a X-B: c");
  });

  it("links to nothing but web pages", () => {
    const links = { runbook: "javascript:alert(1)", dashboard: "data:text/html,x", watchkeeper: "https://w.test/" };
    const { html = "", text } = render(aMessage({ links, alerts: [anAlert({ links })] }));
    expect(html.match(/href="[^"]+"/g)).toEqual(['href="https://w.test/"']);
    expect(html + text).not.toMatch(/javascript:|data:text/);
  });

  it("shows fewer alerts when they are long, and says how many there are", () => {
    const long = anAlert({ summary: "&".repeat(400), description: "&".repeat(800), where: { a: "&".repeat(500) } });
    const { html = "", text } = render(aMessage({ alerts: Array.from({ length: 30 }, () => long) }));
    expect(Buffer.byteLength(html)).toBeLessThan(90_000);
    const shown = text.match(/^ {2}\d+\. /gm)?.length ?? 0;
    expect(shown).toBeGreaterThan(1);
    expect(text).toContain(`and ${30 - shown} more alerts`);
  });
});

describe("every mail, whatever the texts are,", () => {
  const TAGS = new Set("!doctype html head meta title body div h1 h2 p ul li a".split(" "));

  it("has one line as its subject, no markup but its own, and a bound", () => {
    fc.assert(
      fc.property(hostileMessage, (message) => {
        const { subject, html = "", text } = render(message);
        expect(subject).toMatch(/^\[[A-Z]+(:\d+)?\] \S/);
        expect([...subject].length).toBeLessThanOrEqual(200);
        for (const part of [subject, text, html]) {
          expect(part.isWellFormed()).toBe(true);
          // eslint-disable-next-line no-control-regex
          expect(part).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
        }
        expect(subject).not.toContain("\n");
        for (const [, tag = ""] of html.matchAll(/<\/?([^\s>/]*)/g)) expect(TAGS).toContain(tag.toLowerCase());
        for (const [, url = ""] of html.matchAll(/href="([^"]*)"/g)) expect(url).toMatch(/^https?:\/\//);
        expect(html).not.toMatch(/<[^>]*\son\w+=/i);
        expect(Buffer.byteLength(html)).toBeLessThan(200_000);
        expect(Buffer.byteLength(text)).toBeLessThan(200_000);
      }),
      { numRuns: 40 },
    );
  }, 60_000);

  it("is made of annotations of 1 MB too", () => {
    const huge = "<b>\u202E&\r\n".repeat(130_000);
    const alerts = Array.from({ length: 3 }, () => anAlert({ summary: huge, description: huge, where: { a: huge } }));
    const { subject, html = "" } = render(aMessage({ title: huge, alerts, commonLabels: { a: huge } }));
    expect(subject.length).toBeLessThanOrEqual(200);
    expect(html).not.toContain("<b>");
    expect(Buffer.byteLength(html)).toBeLessThan(90_000);
  }, 60_000);
});
