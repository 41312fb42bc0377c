import { FOLDER } from "../folder.ts";
import { SOURCES, type ProvisionedSource } from "./sources.ts";

const LABELS = { "app.kubernetes.io/name": "watchkeeper" };

/** The Secret that has the URLs and the login, by the names of the environment variables. */
const SECRET = "watchkeeper-datasources";

/**
 * A ConfigMap for the sidecar of Grafana's Helm chart, with the file that Grafana reads in it.
 * Source: https://github.com/grafana/helm-charts/blob/main/charts/grafana/README.md#sidecar-for-datasources
 */
export const sidecarSources = (file: string): object => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "watchkeeper-datasources", labels: { ...LABELS, grafana_datasource: "1" } },
  data: { "watchkeeper.yaml": file },
});

const OPERATOR = "grafana.integreatly.org/v1beta1";

/** Every Grafana with this label gets them, as it gets the dashboards. */
const INSTANCES = { matchLabels: { dashboards: "grafana" } };

/**
 * Data sources for the Grafana operator. Correlations have no place in them.
 * Source: https://grafana.github.io/grafana-operator/docs/api/#grafanadatasource
 */
export const operatorSources = (): readonly object[] => SOURCES.map(operatorSource);

/** The operator fills in `${NAME}` only where it is told so, so that a `$` elsewhere stays what it is. */
function operatorSource({ name, uid, type, url, login, jsonData }: ProvisionedSource): object {
  const from = (targetPath: string, key: string) => ({
    targetPath,
    valueFrom: { secretKeyRef: { name: SECRET, key } },
  });
  return {
    apiVersion: OPERATOR,
    kind: "GrafanaDatasource",
    metadata: { name: uid, labels: LABELS },
    spec: {
      instanceSelector: INSTANCES,
      uid,
      valuesFrom: [
        from("url", url),
        ...(login ? [from("basicAuthUser", login.user), from("secureJsonData.basicAuthPassword", login.password)] : []),
      ],
      datasource: {
        name,
        type,
        access: "proxy",
        url: `\${${url}}`,
        ...(login && {
          basicAuth: true,
          basicAuthUser: `\${${login.user}}`,
          secureJsonData: { basicAuthPassword: `\${${login.password}}` },
        }),
        jsonData,
      },
    },
  };
}

/**
 * The folder for the Grafana operator.
 * Source: https://grafana.github.io/grafana-operator/docs/api/#grafanafolder
 */
export const operatorFolder = (): object => ({
  apiVersion: OPERATOR,
  kind: "GrafanaFolder",
  metadata: { name: FOLDER.uid, labels: LABELS },
  spec: { title: FOLDER.title, uid: FOLDER.uid, instanceSelector: INSTANCES },
});
