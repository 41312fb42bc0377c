import { z } from "zod";
import { minutes, seconds } from "../../../core/duration.ts";
import type { Part } from "../../../core/pack.ts";
import { eachNode, type ProxmoxClient } from "../client.ts";
import { certificates } from "../metrics/nodes.ts";
import { looseNumber, rows } from "../../../lib/answers/loose-shapes.ts";
import { uniqueBy } from "../unique.ts";

const certificateRow = z.object({ filename: z.string(), notafter: looseNumber });

/** `/nodes/{node}/certificates/info`. */
export const certificatesPart: Part<ProxmoxClient> = {
  id: "certificates",
  title: "Certificates",
  every: minutes(60),
  deadline: seconds(30),
  metrics: certificates,
  async collect(client, context) {
    await eachNode(client, context, async (node) => {
      const found = await client.askNode(node, "certificates/info", rows(certificateRow), context.signal);
      for (const { filename, notafter } of uniqueBy(found, (each) => each.filename))
        context.record(certificates.notAfter, { node, filename }, notafter);
    });
  },
};
