{{- define "watchkeeper.fullname" -}}
{{- .Values.fullnameOverride | default .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- define "watchkeeper.selectorLabels" -}}
app.kubernetes.io/name: watchkeeper
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "watchkeeper.labels" -}}
{{ include "watchkeeper.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end -}}

{{/* "true" when the configuration names a PostgreSQL database, which several replicas may share. */}}
{{- define "watchkeeper.hasPostgres" -}}
{{- if (.Values.config.store | default dict).postgres }}true{{ end -}}
{{- end -}}

{{/* The address within the cluster. */}}
{{- define "watchkeeper.url" -}}
{{ .Values.scheme }}://{{ include "watchkeeper.fullname" . }}.{{ .Release.Namespace }}.svc:9797
{{- end -}}

{{/* Where links lead that people follow. */}}
{{- define "watchkeeper.externalUrl" -}}
{{- (.Values.config.server | default dict).external_url | default (include "watchkeeper.url" .) | trimSuffix "/" -}}
{{- end -}}

{{/* A file of rules or dashboards, with links that lead to this installation. Takes a list: the root, the path. */}}
{{- define "watchkeeper.shippedFile" -}}
{{- $root := index . 0 -}}
{{- $root.Files.Get (index . 1) | replace "http://localhost:9797" (include "watchkeeper.externalUrl" $root) | trim -}}
{{- end -}}

{{/* Names of the Secrets whose keys are files, as a JSON list. */}}
{{- define "watchkeeper.secretNames" -}}
{{- $names := .Values.secrets -}}
{{- if .Values.externalSecret.enabled }}{{ $names = append $names (include "watchkeeper.fullname" .) }}{{ end -}}
{{- toJson $names -}}
{{- end -}}
