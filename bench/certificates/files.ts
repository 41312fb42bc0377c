import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { certificatesConfig } from "../../src/collectors/certificates/config.ts";
import { openFiles } from "../../src/collectors/certificates/stored/files.ts";
import { CertificateReader } from "../../src/collectors/certificates/x509/certificate-reader.ts";
import { createAuthority } from "../../src/lab/certificates.ts";
import { createTemporaryFolder } from "../../test/helpers/janitor.ts";
import { printNumber } from "../figures.ts";
import { report, type Report } from "../report.ts";

const FILES = 10_000;

/** Reads a folder of 10,000 files, each with a certificate of its own, and looks at it again while nothing changed. */
export async function measureFiles(): Promise<Report> {
  const folder = await createTemporaryFolder("bench-certificates");
  const authority = await createAuthority();
  for (let i = 0; i < FILES; i++) {
    const { certificatePem } = await authority.issue({ hosts: [`host-${i}.lan`] });
    await writeFile(join(folder.path, `${i}.pem`), certificatePem);
  }
  const { files } = certificatesConfig.parse({ name: "bench", files: [{ paths: [folder.path] }] });
  const [entry] = files;
  if (entry === undefined) throw new Error("the configuration has no files");
  const source = openFiles(entry, new CertificateReader());
  const look = async (): Promise<number> => {
    const begun = performance.now();
    const { bundles } = await source.read(AbortSignal.timeout(120_000));
    if (bundles.length !== FILES) throw new Error(`${bundles.length} files were found`);
    return (performance.now() - begun) / 1000;
  };
  const first = await look();
  const again = await look();
  await source.close();
  await folder.remove();
  return report([
    {
      what: "certificates read from files",
      unit: "a second",
      ours: FILES / first,
      moreIsBetter: true,
      figure: "files_per_s",
    },
    { what: `looking again at ${printNumber(FILES)} files that did not change`, unit: "s", ours: again },
  ]);
}
