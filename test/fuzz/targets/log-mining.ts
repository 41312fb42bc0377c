import fc from "fast-check";
import { rankLogs } from "../../../src/correlation/rank/logs.ts";
import { logsOf, question } from "../../../src/correlation/rank/__fixtures__/readings.ts";
import { createDrain } from "../../../src/correlation/statistics/drain.ts";
import { maskLine, WILDCARD } from "../../../src/correlation/statistics/mask.ts";
import type { LogLine } from "../../../src/core/telemetry.ts";
import { computeAtOnce } from "../../../src/lib/steps.ts";
import { jsonForm } from "../forms.ts";
import { mutatedBytes } from "../mutate-bytes.ts";
import { defineTarget, must } from "../target.ts";

interface Line {
  readonly message: string;
  readonly isError: boolean;
  readonly isBaseline: boolean;
  /** Share of its window that has passed. */
  readonly at: number;
}

const EXAMPLES = [
  '10.8.0.7 - - [12/Oct/2026:07:51:03 +0000] "GET /orders/42/items?page=4 HTTP/1.1" 502 17 "-" "curl/8.9"',
  "2026-10-12T07:51:03.157Z ERROR [http-1] c.e.shop.Cart - payment of order 7f3a9c refused: code=51",
  "order 12 failed\njava.io.IOException: No space left\n\tat shop.Cart.put(Cart.java:33)\n\tat shop.Main.run(Main.java:7)",
  'Traceback (most recent call last):\n  File "a.py", line 3\n    f()\nValueError: no price',
  '{"level":"warn","msg":"retrying","attempt":3,"url":"https://bank.example.org/v1/charges","took":"1.5s"}',
  "\u001B[31merror\u001B[0m: pool tank: 3 checksum errors on da4",
  "confirmation sent to <anna@mail.example.org>, queued as 4f3a2b1c-abcd-dead-9999-0123456789ab",
  "kernel: [12345.678901] eth0: link is down (100Mbps/Full)",
  "Größe 12 von 1.234,5 MB überschritten für Знак 7",
  "key=value other='a b c' path=/var/lib/x/0123456789abcdef0123456789abcdef count=0x1f",
];
const WORDS = ["<*>", "\u001B[", "\n", "\r\n", "@", "0x", "=", " ", "\t", "\u00a0", "\u2028", "\u0000", "1", '"', "{"];

const message = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...EXAMPLES) },
  {
    weight: 5,
    arbitrary: mutatedBytes(
      EXAMPLES.map((line) => Buffer.from(line)),
      WORDS,
    ).map((bytes) => Buffer.from(bytes).toString()),
  },
  { weight: 2, arbitrary: fc.string({ unit: "binary", maxLength: 200 }) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom(...WORDS), fc.constantFrom(8_192, 500_000)).map(([w, n]) => w.repeat(n)),
  },
);
const line: fc.Arbitrary<Line> = fc.record({
  message,
  isError: fc.boolean(),
  isBaseline: fc.boolean(),
  at: fc.double({ min: 0, max: 0.999, noNaN: true }),
});

/** Each line fits the text of its pattern, and has the same pattern when it comes again. */
function mustGroup(lines: readonly Line[]): void {
  const drain = createDrain();
  const kindOf = ({ isError }: Line): string => (isError ? "error" : "info");
  const patterns = lines.map((one) => drain.add(one.message, kindOf(one)));
  for (const [nth, one] of lines.entries()) {
    const pattern = patterns[nth] ?? -1;
    must(drain.add(one.message, kindOf(one)) === pattern, "a line that comes again has another pattern");
    const words = maskLine(one.message).trim().split(/\s+/);
    const template = drain.template(pattern).split(" ");
    const fits = template.every((part, i) => part === WILDCARD || part === words[i]);
    must(template.length === words.length && fits, `the line is not of its pattern ${JSON.stringify(template)}`);
  }
}

function toLogLine({ message, isError, isBaseline, at }: Line): LogLine {
  const { from, to } = isBaseline ? question.baseline : question.window;
  return { at: Math.floor(from + at * (to - from)), message, level: isError ? "error" : "info", service: "shop" };
}

export const logMining = defineTarget<readonly Line[]>({
  name: "log-mining",
  property:
    "Whatever stands in the lines, they are grouped in little time, each by a pattern that it fits, and what stands out can be told.",
  async open() {
    return {
      inputs: fc.array(line, { maxLength: 60 }),
      form: jsonForm(),
      async check(input) {
        mustGroup(input);
        const [baseline, window] = [true, false].map((which) =>
          input.filter(({ isBaseline }) => isBaseline === which).map(toLogLine),
        );
        const { findings } = computeAtOnce(rankLogs(logsOf(window ?? [], baseline ?? []), question));
        for (const { item } of findings)
          must(item.title !== "" && !/undefined|NaN/.test(item.title), `an odd title: ${item.title}`);
      },
      close: async () => undefined,
    };
  },
});
