{{/* The clusters that certificates are read from with the pod's own service account, as a JSON list. */}}
{{- define "watchkeeper.ownClusters" -}}
{{- $clusters := list -}}
{{- range (.Values.config.targets | default dict).certificates -}}
{{- range .kubernetes -}}
{{- if not .kubeconfig_file }}{{ $clusters = append $clusters . }}{{ end -}}
{{- end -}}
{{- end -}}
{{- toJson $clusters -}}
{{- end -}}

{{/* "true" when something logs in with the token of the pod's service account: to Kubernetes, or to Vault. */}}
{{- define "watchkeeper.needsToken" -}}
{{- $vaults := (.Values.config.targets | default dict).vault | default list -}}
{{- range (.Values.config.targets | default dict).certificates }}{{ $vaults = concat $vaults (.vault | default list) }}{{ end -}}
{{- $needs := ne (include "watchkeeper.ownClusters" .) "[]" -}}
{{- range $vaults -}}
{{- if eq ((.auth | default dict).method | default "") "kubernetes" }}{{ $needs = true }}{{ end -}}
{{- end -}}
{{- if $needs }}true{{ end -}}
{{- end -}}

{{/* What is read of a cluster, as a JSON list: all that Watchkeeper reads by default unless `read` says otherwise. */}}
{{- define "watchkeeper.reads" -}}
{{- .read | default (list "secrets" "configmaps" "cabundles" "certificates") | toJson -}}
{{- end -}}

{{/* The rules for what is in namespaces. Takes the entry of `kubernetes`. */}}
{{- define "watchkeeper.namespacedRules" -}}
{{- $reads := include "watchkeeper.reads" . | fromJsonArray -}}
{{- $core := list -}}
{{- range list "secrets" "configmaps" }}{{ if has . $reads }}{{ $core = append $core . }}{{ end }}{{ end -}}
{{- if $core }}
- apiGroups: [""]
  resources: {{ toJson $core }}
  verbs: [list, watch]
{{- end }}
{{- if has "certificates" $reads }}
- apiGroups: [cert-manager.io]
  resources: [certificates]
  verbs: [list, watch]
{{- end }}
{{- end -}}
