{{/* Names, labels, and what the DaemonSet and the Deployment have in common. */}}
{{- define "broker.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "broker.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else if contains (include "broker.name" .) .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "broker.name" .) | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "broker.selector" -}}
app.kubernetes.io/name: {{ include "broker.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: webhook
{{- end -}}

{{- define "broker.labels" -}}
app.kubernetes.io/name: {{ include "broker.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "broker.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "broker.isService" -}}
{{- if eq .Values.mode "service" }}true{{ end -}}
{{- end -}}

{{/* The address that API servers are told. */}}
{{- define "broker.address" -}}
{{- if include "broker.isService" . -}}
{{ required "mode service needs service.clusterIP: a free address of the cluster's service range" .Values.service.clusterIP }}
{{- else -}}
127.0.0.1
{{- end -}}
{{- end -}}

{{/* The same in a URL, where an IPv6 address has brackets. */}}
{{- define "broker.url" -}}
{{- $address := include "broker.address" . -}}
https://{{ ternary (printf "[%s]" $address) $address (contains ":" $address) }}:{{ .Values.ports.webhook }}{{ include "broker.path" . }}
{{- end -}}

{{/* The broker's configuration: the chart's part with what the values say on top. */}}
{{- define "broker.config" -}}
{{- $everywhere := ternary "[::]" "0.0.0.0" (contains ":" .Values.service.clusterIP) -}}
{{- $webhook := printf "%s:%v" (ternary $everywhere "127.0.0.1" (eq .Values.mode "service")) .Values.ports.webhook -}}
{{- $operations := printf "%s:%v" (ternary $everywhere .Values.operationsHost (eq .Values.mode "service")) .Values.ports.operations -}}
{{- $tls := dict "certFile" "../tls/tls.crt" "keyFile" "../tls/tls.key" "clientCAFile" "../tls/client-ca.crt" "clientNames" .Values.clientNames -}}
{{- $base := dict "apiVersion" "kube-auth-broker/v1" "kind" "BrokerConfiguration" "webhook" (dict "address" $webhook "tls" $tls) "operations" (dict "address" $operations) -}}
{{- mustMergeOverwrite $base (deepCopy .Values.broker) | toYaml -}}
{{- end -}}

{{- define "broker.probe" -}}
httpGet:
  {{- if not (include "broker.isService" .root) }}
  host: 127.0.0.1
  {{- end }}
  path: {{ .path }}
  port: operations
{{- end -}}

{{/* The path of the first endpoint, which is /authenticate unless the values name others. */}}
{{- define "broker.path" -}}
{{- $endpoints := dig "webhook" "endpoints" (list (dict "path" "/authenticate")) .Values.broker -}}
{{- (first $endpoints).path -}}
{{- end -}}
