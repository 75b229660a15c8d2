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
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
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

{{/* Every address of this machine, with the brackets that IPv6 needs; [::] takes IPv4 as well. */}}
{{- define "broker.everywhere" -}}
{{- $service := .Values.service -}}
{{- ternary "[::]" "0.0.0.0" (or (contains ":" $service.clusterIP) (has "IPv6" $service.ipFamilies)) -}}
{{- end -}}

{{- define "broker.operationsHost" -}}
{{- $host := .Values.operationsHost -}}
{{- if include "broker.isService" . -}}
{{ include "broker.everywhere" . }}
{{- else -}}
{{ ternary (printf "[%s]" $host) $host (and (contains ":" $host) (not (hasPrefix "[" $host))) }}
{{- end -}}
{{- end -}}

{{/* The broker's configuration: the chart's part with what the values say on top. */}}
{{- define "broker.config" -}}
{{- $everywhere := include "broker.everywhere" . -}}
{{- $webhook := printf "%s:%v" (ternary $everywhere "127.0.0.1" (eq .Values.mode "service")) .Values.ports.webhook -}}
{{- $operations := printf "%s:%v" (include "broker.operationsHost" .) .Values.ports.operations -}}
{{- $tls := dict "certFile" "../tls/tls.crt" "keyFile" "../tls/tls.key" "clientCAFile" "../tls/client-ca.crt" "clientNames" .Values.clientNames -}}
{{- $base := dict "apiVersion" "kube-auth-broker/v1" "kind" "BrokerConfiguration" "webhook" (dict "address" $webhook "tls" $tls) "operations" (dict "address" $operations) -}}
{{- if .Values.portal.enabled -}}
{{- $portalTls := dict "certFile" "../portal-tls/tls.crt" "keyFile" "../portal-tls/tls.key" -}}
{{- $_ := set $base "portal" (dict "address" (printf "%s:%v" $everywhere .Values.ports.portal) "tls" $portalTls) -}}
{{- end -}}
{{- mustMergeOverwrite $base (deepCopy .Values.broker) | toYaml -}}
{{- end -}}

{{/* What no schema can say: values that only make sense together. */}}
{{- define "broker.checkValues" -}}
{{- $portal := .Values.broker.portal -}}
{{- $issuer := .Values.broker.issuer -}}
{{- if and $portal (not .Values.portal.enabled) -}}
{{- fail "broker.portal is set and portal.enabled is not: set it, so that the portal has a port, a certificate and a Service" -}}
{{- end -}}
{{- if and .Values.portal.enabled (not (and $portal $issuer)) -}}
{{- fail "portal.enabled needs broker.portal (publicURL, signIn) and broker.issuer" -}}
{{- end -}}
{{- if and (or .Values.portal.ingress.enabled .Values.portal.httpRoute.enabled) (not .Values.portal.enabled) -}}
{{- fail "portal.ingress and portal.httpRoute lead to the portal: set portal.enabled" -}}
{{- end -}}
{{- if and .Values.portal.httpRoute.enabled (not .Values.portal.httpRoute.parentRefs) -}}
{{- fail "portal.httpRoute needs portal.httpRoute.parentRefs: the Gateway that it belongs to" -}}
{{- end -}}
{{- $state := .Values.state -}}
{{- if and $state.claim.enabled $state.volume -}}
{{- fail "state.volume and state.claim.enabled exclude each other" -}}
{{- end -}}
{{- if and $state.claim.enabled (not (include "broker.isService" .)) -}}
{{- fail "state.claim is one volume for all pods; in mode node-local give each node a folder with state.volume: {hostPath: …}" -}}
{{- end -}}
{{- if $issuer -}}
{{- if and $issuer.revocationsFile (not $state.claim.enabled) (not $state.volume) (hasPrefix "../state/" $issuer.revocationsFile) -}}
{{- fail "broker.issuer.revocationsFile lies in ../state/, where nothing is mounted: set state.volume or state.claim.enabled" -}}
{{- end -}}
{{- if and (hasKey $state.volume "emptyDir") (ne (toString $issuer.revocations) "shared") -}}
{{- fail "state.volume: {emptyDir: {}} is lost with the pod, and every revocation with it; only with broker.issuer.revocations: shared it may" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* The host of broker.portal.publicURL, and its path. */}}
{{- define "broker.portalHost" -}}
{{- $url := required "broker.portal.publicURL is where people find the portal; Ingress, HTTPRoute and its certificate need it" .Values.broker.portal.publicURL -}}
{{- (urlParse $url).hostname -}}
{{- end -}}

{{- define "broker.portalPath" -}}
{{- (urlParse .Values.broker.portal.publicURL).path | default "/" -}}
{{- end -}}

{{/* The families of both Services. */}}
{{- define "broker.ipFamilies" -}}
{{- with .Values.service.ipFamilyPolicy }}
ipFamilyPolicy: {{ . }}
{{- end }}
{{- with .Values.service.ipFamilies }}
ipFamilies:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* TCP ports of the store that brokers share. */}}
{{- define "broker.sharedPorts" -}}
{{- $ports := list -}}
{{- range dig "shared" "redis" "urls" list .Values.broker -}}
{{- $ports = append $ports (regexFind "[0-9]+$" (urlParse .).host | default "6379") -}}
{{- end -}}
{{- $ports | uniq | join "," -}}
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
