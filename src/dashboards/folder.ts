/** The folder of Grafana that dashboards stand in, however they come there. */
export const FOLDER = { uid: "watchkeeper", title: "Watchkeeper" };
