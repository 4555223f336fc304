{{- define "netra.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "netra.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{ include "netra.selector" . }}
{{- end }}

{{- define "netra.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "netra.image" -}}
{{- if .Values.image.digest }}{{ .Values.image.repository }}@{{ .Values.image.digest }}{{ else }}{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{- define "netra.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}{{ .Values.serviceAccount.name | default (include "netra.name" .) }}{{ else }}{{ .Values.serviceAccount.name | default "default" }}{{ end }}
{{- end }}

{{/* The configuration file: ports and folders are those that the chart knows. */}}
{{- define "netra.config" -}}
{{- $fixed := dict "data_dir" "/data" "monitor" (dict "listen" ":9464") "log" (dict "format" "json") "console" (dict "listen" ":8080") -}}
{{- toYaml (mergeOverwrite (deepCopy .Values.config) $fixed) }}
{{- end }}

{{/* What each pod has in common. Called with a dict: root, part. */}}
{{- define "netra.podMetadata" -}}
labels:
  {{- include "netra.labels" .root | nindent 2 }}
  app.kubernetes.io/component: {{ .part }}
annotations:
  checksum/config: {{ include "netra.config" .root | sha256sum }}
  checksum/files: {{ toYaml .root.Values.files | sha256sum }}
  {{- if not .root.Values.podMonitor.enabled }}
  prometheus.io/scrape: "true"
  prometheus.io/port: "9464"
  prometheus.io/path: /metrics
  {{- end }}
  {{- with .root.Values.podAnnotations }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}

{{/* Called with a dict: root, and serviceAccount where it is not the chart's own. */}}
{{- define "netra.podSpec" -}}
serviceAccountName: {{ get . "serviceAccount" | default (include "netra.serviceAccount" .root) }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .root.Values.nodeSelector }}
nodeSelector: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.tolerations }}
tolerations: {{ toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  fsGroup: 65532
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "netra.container" -}}
image: {{ include "netra.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end }}

{{- define "netra.probes" -}}
ports:
  - {name: metrics, containerPort: 9464}
startupProbe:
  httpGet: {path: /healthz, port: metrics}
  periodSeconds: 3
  failureThreshold: 40
livenessProbe:
  httpGet: {path: /healthz, port: metrics}
  periodSeconds: 20
  timeoutSeconds: 5
  failureThreshold: 3
readinessProbe:
  httpGet: {path: /readyz, port: metrics}
  periodSeconds: 10
  timeoutSeconds: 6
{{- end }}

{{/* Variables that name the files of secrets. Called with a dict: root, clickhouse. */}}
{{- define "netra.env" -}}
- {name: NETRA_CONFIG, value: /etc/netra/netra.yaml}
- {name: NETRA_CLICKHOUSE_PASSWORD_FILE, value: /run/netra/clickhouse/password}
{{- if not (get . "migrates") }}
- {name: NETRA_COORDINATED_HASH_KEY_FILE, value: /run/netra/sketches/key}
{{- end }}
{{- if .root.Values.secrets.kafka.name }}
- {name: NETRA_KAFKA_SASL_PASSWORD_FILE, value: /run/netra/kafka/password}
{{- end }}
{{- end }}

{{- define "netra.mounts" -}}
- {name: config, mountPath: /etc/netra/netra.yaml, subPath: netra.yaml, readOnly: true}
- {name: files, mountPath: /etc/netra/files, readOnly: true}
- {name: clickhouse, mountPath: /run/netra/clickhouse, readOnly: true}
- {name: sketches, mountPath: /run/netra/sketches, readOnly: true}
{{- if .Values.secrets.kafka.name }}
- {name: kafka, mountPath: /run/netra/kafka, readOnly: true}
{{- end }}
{{- if .Values.secrets.tls.name }}
- {name: tls, mountPath: /etc/netra/tls, readOnly: true}
{{- end }}
- {name: tmp, mountPath: /tmp}
{{- end }}

{{/* Called with a dict: root, clickhouse (the secret), suffix (of the ConfigMaps). */}}
{{- define "netra.volumes" -}}
- name: config
  configMap: {name: {{ include "netra.name" .root }}{{ .suffix }}}
- name: files
  configMap: {name: {{ .root.Values.filesFromConfigMap | default (printf "%s-files%s" (include "netra.name" .root) .suffix) }}}
- name: clickhouse
  secret: {secretName: {{ required "a secret's name is missing: secrets.clickhouse, secrets.clickhouseMigrator" .clickhouse.name }}, defaultMode: 0440, items: [{key: {{ .clickhouse.key }}, path: password}]}
- name: sketches
  secret: {secretName: {{ .root.Values.secrets.sketchKey.name }}, defaultMode: 0440, items: [{key: {{ .root.Values.secrets.sketchKey.key }}, path: key}]}
{{- with .root.Values.secrets.kafka }}
{{- if .name }}
- name: kafka
  secret: {secretName: {{ .name }}, defaultMode: 0440, items: [{key: {{ .key }}, path: password}]}
{{- end }}
{{- end }}
{{- with .root.Values.secrets.tls.name }}
- name: tls
  secret: {secretName: {{ . }}, defaultMode: 0440}
{{- end }}
- name: tmp
  emptyDir: {sizeLimit: 256Mi}
{{- end }}
