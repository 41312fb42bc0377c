import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { gunzip as gunzipCallback } from "node:zlib";
import { Agent } from "undici";

const gunzip = promisify(gunzipCallback);

/** One that is scraped. */
export interface Contender {
  readonly url: string;
  /** Bytes of its resident memory now. */
  memory(): number;
  /** For how many milliseconds it keeps a connection that rests; Prometheus itself would keep it for minutes. */
  readonly keepsConnection: number;
  /** How often it is scraped before, so that it is as warm as a service that has run for long, and the client too. */
  readonly warmUp: number;
}

/** What the scrapes of one contender were like. */
export interface Scrapes {
  /** Milliseconds from each request to the last byte of its answer. */
  readonly times: readonly number[];
  /** The most of it that was seen. */
  readonly memory: number;
  /** The newest answer. */
  readonly text: string;
}

const NOTHING: Scrapes = { times: [], memory: 0, text: "" };

/** What Prometheus asks for. Source: https://prometheus.io/docs/instrumenting/content_negotiation/ */
export const HEADERS = {
  accept: "application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
  "accept-encoding": "gzip",
};
/** Two Prometheus servers that scrape every 15 s. */
const SERVERS = 2;
const INTERVAL = 15_000;
/** How often each contender is scraped. */
export const SCRAPES_PER_MINUTE = (60_000 / INTERVAL) * SERVERS;

/** Scrapes once; an error unless the answer is 200. */
export async function scrape(agent: Agent, url: string): Promise<{ readonly ms: number; readonly text: string }> {
  const { origin, pathname, search } = new URL(url);
  const begun = performance.now();
  const { statusCode, headers, body } = await agent.request({
    origin,
    path: pathname + search,
    method: "GET",
    headers: HEADERS,
    headersTimeout: 60_000,
  });
  const bytes = Buffer.from(await body.arrayBuffer());
  const ms = performance.now() - begun;
  if (statusCode !== 200) throw new Error(`${url} was answered ${statusCode}`);
  return { ms, text: headers["content-encoding"] === "gzip" ? (await gunzip(bytes)).toString() : bytes.toString() };
}

/** Scrapes each as two Prometheus servers do, in turns that do not meet; `begin` is called after the warm-up. */
export async function race<Name extends string>(
  contenders: Readonly<Record<Name, Contender>>,
  { forMs, begin }: { readonly forMs: number; readonly begin: () => Promise<void> },
): Promise<Readonly<Record<Name, Scrapes>>> {
  const names = Object.keys(contenders) as Name[];
  const agents = Object.fromEntries(names.map((name) => [name, agentFor(contenders[name])])) as Record<Name, Agent>;
  const found = Object.fromEntries(names.map((name) => [name, NOTHING])) as Record<Name, Scrapes>;
  const scrapeOne = async (name: Name): Promise<void> => {
    const { ms, text } = await scrape(agents[name], contenders[name].url);
    const { times, memory } = found[name];
    found[name] = { times: [...times, ms], memory: Math.max(memory, contenders[name].memory()), text };
  };
  for (const name of names) {
    for (let i = 0; i < contenders[name].warmUp; i++) await scrape(agents[name], contenders[name].url);
  }
  await begin();
  const step = INTERVAL / SERVERS / names.length;
  const begun = performance.now();
  const scrapes: Promise<void>[] = [];
  for (let at = 0; at < forMs; at += step * names.length) {
    for (const [i, name] of names.entries()) {
      await waitUntilTime(begun + at + i * step);
      scrapes.push(scrapeOne(name));
    }
  }
  await Promise.all(scrapes);
  await waitUntilTime(begun + forMs);
  await Promise.all(names.map((name) => agents[name].close()));
  return found;
}

const agentFor = ({ keepsConnection }: Contender): Agent =>
  new Agent({ connections: SERVERS, keepAliveTimeout: keepsConnection });

const waitUntilTime = (time: number): Promise<void> => setTimeout(Math.max(0, time - performance.now()));
