import { expect, test } from "vitest";
import { testFiles } from "../../../test/helpers/certificate-files.ts";
import { days } from "../../core/duration.ts";
import { certificatesConfig } from "./config.ts";
import { openKeeper } from "./open-keeper.ts";

const files = testFiles();
const signal = new AbortController().signal;

test("what the configuration says of a file's end holds although an endpoint should serve it", async () => {
  await files.put("certs/nas.pem", files.nas);
  const config = certificatesConfig.parse({
    name: "t",
    endpoints: [{ urls: ["tls://127.0.0.1:1"], stored_file: files.at("certs/nas.pem") }],
    files: [{ paths: [files.at("certs")], warning_before: "20d" }],
  });
  const keeper = await openKeeper(config);
  await keeper.refresh(signal);
  const found = keeper.bundles.filter(({ where }) => where === files.at("certs/nas.pem"));
  // of what is found twice the first counts
  expect(found[0]?.expiry).toEqual({ warningBefore: days(20) });
  expect(found).toHaveLength(2);
  await keeper.close();
});
