{{/* The pod's template, which Deployment and StatefulSet share. */}}
{{- define "watchkeeper.podTemplate" -}}
metadata:
  labels:
    {{- include "watchkeeper.labels" . | nindent 4 }}
  annotations:
    # A new configuration is taken up by new pods: a section that is new counts only after a restart.
    checksum/config: {{ include (print $.Template.BasePath "/configmap.yaml") . | sha256sum }}
    {{- with .Values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "watchkeeper.fullname" . }}
  automountServiceAccountToken: {{ eq (include "watchkeeper.needsToken" .) "true" }}
  # A variable that begins with WATCHKEEPER_ is a setting, and Kubernetes would make some for services with such names.
  enableServiceLinks: false
  terminationGracePeriodSeconds: 30
  {{- with .Values.image.pullSecrets }}
  imagePullSecrets:
    {{- range . }}
    - name: {{ . }}
    {{- end }}
  {{- end }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 65532
    runAsGroup: 65532
    fsGroup: 65532
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile: { type: RuntimeDefault }
  containers:
    - name: watchkeeper
      image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      args: [serve, --config, /etc/watchkeeper/watchkeeper.yaml]
      {{- if or .Values.env .Values.extraCaFile }}
      env:
        {{- with .Values.extraCaFile }}
        - name: NODE_EXTRA_CA_CERTS
          value: /etc/watchkeeper/{{ . }}
        {{- end }}
        {{- with .Values.env }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- end }}
      ports:
        - { name: http, containerPort: 9797 }
      startupProbe:
        {{- include "watchkeeper.probe" (list . "/-/healthy") | nindent 8 }}
        periodSeconds: 2
        failureThreshold: 60
      livenessProbe:
        {{- include "watchkeeper.probe" (list . "/-/healthy") | nindent 8 }}
        periodSeconds: 15
        timeoutSeconds: 5
        failureThreshold: 4
      readinessProbe:
        {{- include "watchkeeper.probe" (list . "/-/ready") | nindent 8 }}
        periodSeconds: 5
        timeoutSeconds: 5
      securityContext:
        runAsNonRoot: true
        runAsUser: 65532
        runAsGroup: 65532
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities: { drop: [ALL] }
      resources:
        {{- toYaml .Values.resources | nindent 8 }}
      volumeMounts:
        {{- if not (include "watchkeeper.hasPostgres" .) }}
        - { name: data, mountPath: /data }
        {{- end }}
        - { name: config, mountPath: /etc/watchkeeper, readOnly: true }
        - { name: tmp, mountPath: /tmp }
  volumes:
    - name: config
      projected:
        defaultMode: 288 # 0440
        sources:
          - configMap: { name: {{ include "watchkeeper.fullname" . }} }
          {{- range include "watchkeeper.secretNames" . | fromJsonArray }}
          - secret: { name: {{ . }} }
          {{- end }}
    - name: tmp
      emptyDir: { sizeLimit: 32Mi }
  {{- if include "watchkeeper.hasPostgres" . }}
  affinity:
    podAntiAffinity:
      preferredDuringSchedulingIgnoredDuringExecution:
        - weight: 100
          podAffinityTerm:
            topologyKey: kubernetes.io/hostname
            labelSelector:
              matchLabels:
                {{- include "watchkeeper.selectorLabels" . | nindent 16 }}
  topologySpreadConstraints:
    - maxSkew: 1
      topologyKey: topology.kubernetes.io/zone
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "watchkeeper.selectorLabels" . | nindent 10 }}
  {{- end }}
  {{- with .Values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}

{{/* Takes a list: the root, the path that is asked for. */}}
{{- define "watchkeeper.probe" -}}
{{- $values := (index . 0).Values -}}
{{- if eq $values.probes "tcp" -}}
tcpSocket: { port: http }
{{- else -}}
httpGet: { path: {{ index . 1 }}, port: http, scheme: {{ upper $values.scheme }} }
{{- end -}}
{{- end -}}
