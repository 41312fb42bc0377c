{{/* Paths of literal secrets in the configuration, one a line. Takes a list: the value, its path. */}}
{{- define "watchkeeper.literalSecrets" -}}
{{- $value := index . 0 -}}
{{- $path := index . 1 -}}
{{- if kindIs "map" $value -}}
{{- $secret := list "api_key" "passphrase" "password" "routing_key" "secret" "secret_id" "token" "token_secret" "value" -}}
{{- $secretUrl := or (has $value.type (list "discord" "slack-webhook" "webhook")) (regexMatch "\\.(dead_man|postgres)$" $path) -}}
{{- range $key, $inner := $value -}}
{{- if and (kindIs "string" $inner) (or (has $key $secret) (and $secretUrl (eq $key "url"))) (not (contains "${" $inner)) }}
{{ $path }}.{{ $key }}
{{- else }}
{{- include "watchkeeper.literalSecrets" (list $inner (printf "%s.%s" $path $key)) }}
{{- end -}}
{{- end -}}
{{- else if kindIs "slice" $value -}}
{{- range $i, $inner := $value }}
{{- include "watchkeeper.literalSecrets" (list $inner (printf "%s[%d]" $path $i)) }}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Ends with a message when values contradict each other. */}}
{{- define "watchkeeper.refuse" -}}
{{- $config := .Values.config -}}
{{- with include "watchkeeper.literalSecrets" (list $config "config") }}
{{- fail (printf "These would stand in a ConfigMap that many may read; put each into a Secret, and name its key by the key with _file:%s" .) }}
{{- end }}
{{- if (($config.server | default dict).listen) }}
{{- fail "config.server.listen is the chart's: take it out" }}
{{- end }}
{{- if ((($config.store | default dict).sqlite | default dict).path) }}
{{- fail "config.store.sqlite.path is the chart's: take it out" }}
{{- end }}
{{- if and .Values.autoscaling.enabled (not (include "watchkeeper.hasPostgres" .)) }}
{{- fail "autoscaling needs a database that replicas share: set config.store.postgres.url_file, or autoscaling.enabled to false" }}
{{- end }}
{{- $reached := list }}
{{- range list "targets" "alerting" "evidence" "prometheus" "grafana" "tracing" }}
{{- if (index $config .) }}{{ $reached = append $reached (printf "config.%s" .) }}{{ end }}
{{- end }}
{{- if include "watchkeeper.hasPostgres" . }}{{ $reached = append $reached "config.store" }}{{ end }}
{{- if and .Values.networkPolicy.enabled $reached (not .Values.networkPolicy.egress) }}
{{- fail (printf "networkPolicy.egress is empty, so nothing of %s could be reached: write a rule for each address, or set networkPolicy.enabled to false" (join ", " $reached)) }}
{{- end }}
{{- if and .Values.prometheusRule.enabled $config.rules }}
{{- fail "config.rules changes alerts, and the chart has the rules as they are shipped: write yours with `watchkeeper generate rules --format prometheusrule`, and set prometheusRule.enabled to false" }}
{{- end }}
{{- end -}}
