import { z } from "zod";
import { failedFinding } from "../../../../core/finding.ts";
import type { Finding } from "../../../../core/pack.ts";
import { readShape } from "../../../../lib/answers/read-shape.ts";
import { callApi } from "./api.ts";
import { Connection, type Link } from "./connection.ts";
import { RBAC_FILE, VERBS } from "./rbac.ts";
import { HIDDEN_WITHOUT, placesOf, RESOURCES, type KubernetesEntry, type Resource } from "./resources.ts";

const REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
const versionShape = z.object({ gitVersion: z.string() });
const reviewShape = z.object({ status: z.object({ allowed: z.boolean() }) });

/** Whether the cluster answers, whether it takes the credential, and what each missing right hides. */
export async function checkKubernetes(entry: KubernetesEntry, signal: AbortSignal): Promise<readonly Finding[]> {
  const subject = `kubernetes ${entry.name}`;
  let link: Link | undefined;
  try {
    link = await new Connection(entry).open();
    const { gitVersion } = readShape(versionShape, await callApi(link, { path: "/version", signal }), "GET /version");
    const rights = await checkRights(link, entry, signal);
    return [{ subject, ok: true, message: `reachable, version ${gitVersion}` }, ...rights];
  } catch (thrown) {
    signal.throwIfAborted();
    const hides = [...new Set(entry.read.flatMap((kind) => HIDDEN_WITHOUT[kind]))];
    return [{ ...failedFinding(subject, thrown), hides }];
  } finally {
    await link?.close();
  }
}

async function checkRights(link: Link, entry: KubernetesEntry, signal: AbortSignal): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const resource of RESOURCES.filter(({ of }) => entry.read.includes(of)))
    for (const namespace of placesOf(resource, entry))
      findings.push(await checkRight(link, { resource, namespace, signal }));
  return findings;
}

interface Right {
  readonly resource: Resource;
  readonly namespace: string | undefined;
  readonly signal: AbortSignal;
}

async function checkRight(link: Link, right: Right): Promise<Finding> {
  const { resource, namespace } = right;
  const lacking: string[] = [];
  for (const verb of VERBS) if (!(await isAllowed(link, right, verb))) lacking.push(verb);
  const group = resource.group === "" ? "" : `.${resource.group}`;
  const subject = `right to ${resource.name}${group}${namespace === undefined ? "" : ` in namespace ${namespace}`}`;
  if (lacking.length === 0) return { subject, ok: true, message: "granted" };
  const message = `lacks ${lacking.join(" and ")}; grant it as in ${RBAC_FILE}, or leave ${resource.of} out of \`read\``;
  return { subject, ok: false, message, hides: HIDDEN_WITHOUT[resource.of] };
}

async function isAllowed(link: Link, { resource, namespace, signal }: Right, verb: string): Promise<boolean> {
  const resourceAttributes = {
    group: resource.group,
    resource: resource.name,
    verb,
    ...(namespace !== undefined && { namespace }),
  };
  const body = {
    apiVersion: "authorization.k8s.io/v1",
    kind: "SelfSubjectAccessReview",
    spec: { resourceAttributes },
  };
  const answer = await callApi(link, { method: "POST", path: REVIEWS, body, signal });
  return readShape(reviewShape, answer, `POST ${REVIEWS}`).status.allowed;
}
