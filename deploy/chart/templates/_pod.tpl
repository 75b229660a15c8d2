{{/* The pod template of both modes; the same as deploy/kubernetes makes. */}}
{{- define "broker.pod" -}}
metadata:
  labels:
    {{- include "broker.selector" . | nindent 4 }}
    {{- with merge (dict) .Values.podLabels .Values.commonLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    kubectl.kubernetes.io/default-container: broker
    {{- with .Values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "broker.fullname" . }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  {{- with concat .Values.imagePullSecrets (dig "imagePullSecrets" list .Values.global) | uniq }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  # A drain takes up to 16 s: accept, linger, finish.
  terminationGracePeriodSeconds: 30
  securityContext:
    runAsNonRoot: true
    runAsUser: 65532
    runAsGroup: 65532
    fsGroup: 65532
    seccompProfile: { type: RuntimeDefault }
  {{- if include "broker.isService" . }}
  {{- include "broker.placementService" . | nindent 2 }}
  {{- else }}
  {{- include "broker.placementNodeLocal" . | nindent 2 }}
  {{- end }}
  {{- with .Values.dnsConfig }}
  dnsConfig:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.hostAliases }}
  hostAliases:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  containers:
    - name: broker
      image: {{ include "broker.image" . }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      args: [serve, --config, /etc/kube-auth-broker/config/broker.yaml]
      {{- with .Values.extraEnv }}
      env:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      ports:
        - { name: webhook, containerPort: {{ .Values.ports.webhook }} }
        - { name: operations, containerPort: {{ .Values.ports.operations }} }
        {{- if .Values.portal.enabled }}
        - { name: portal, containerPort: {{ .Values.ports.portal }} }
        {{- end }}
      startupProbe:
        {{- include "broker.probe" (dict "root" . "path" "/livez") | nindent 8 }}
        periodSeconds: 1
        failureThreshold: 30
      livenessProbe:
        {{- include "broker.probe" (dict "root" . "path" "/livez") | nindent 8 }}
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 3
      readinessProbe:
        {{- include "broker.probe" (dict "root" . "path" "/readyz") | nindent 8 }}
        # One miss is a busy moment; two are noticed before a stopping broker ceases to accept, which it does after 5 s.
        periodSeconds: 2
        timeoutSeconds: 2
        failureThreshold: 2
      resources:
        {{- toYaml .Values.resources | nindent 8 }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities: { drop: [ALL] }
      volumeMounts:
        - { name: config, mountPath: /etc/kube-auth-broker/config, readOnly: true }
        - { name: tls, mountPath: /etc/kube-auth-broker/tls, readOnly: true }
        - { name: secrets, mountPath: /etc/kube-auth-broker/secrets, readOnly: true }
        {{- if .Values.broker.shared }}
        - { name: shared, mountPath: /etc/kube-auth-broker/shared, readOnly: true }
        {{- end }}
        {{- if .Values.portal.enabled }}
        - { name: portal-tls, mountPath: /etc/kube-auth-broker/portal-tls, readOnly: true }
        {{- end }}
        {{- if or .Values.state.volume .Values.state.claim.enabled }}
        - { name: state, mountPath: /etc/kube-auth-broker/state }
        {{- end }}
        {{- with .Values.extraVolumeMounts }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
  volumes:
    - name: config
      configMap: { name: {{ include "broker.fullname" . }}-config }
    # Never with subPath: such a mount is not updated, so a renewed certificate would not be taken over.
    - name: tls
      projected:
        defaultMode: 288 # 0440
        sources:
          - secret:
              name: {{ .Values.secrets.tls }}
              items:
                - { key: tls.crt, path: tls.crt }
                - { key: tls.key, path: tls.key }
          - secret:
              name: {{ .Values.secrets.clientCA }}
              items:
                - { key: ca.crt, path: client-ca.crt }
    - name: secrets
      secret: { secretName: {{ .Values.secrets.providers }}, defaultMode: 288 } # 0440
    {{- if .Values.broker.shared }}
    - name: shared
      secret: { secretName: {{ .Values.secrets.shared }}, defaultMode: 288 } # 0440
    {{- end }}
    {{- if .Values.portal.enabled }}
    - name: portal-tls
      secret: { secretName: {{ .Values.secrets.portal }}, defaultMode: 288 } # 0440
    {{- end }}
    {{- if .Values.state.claim.enabled }}
    - name: state
      persistentVolumeClaim: { claimName: {{ include "broker.fullname" . }}-state }
    {{- else if .Values.state.volume }}
    - name: state
      {{- toYaml .Values.state.volume | nindent 6 }}
    {{- end }}
    {{- with .Values.extraVolumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end -}}

{{/* On every control-plane node, in the host's network and with the host's resolver. */}}
{{- define "broker.placementNodeLocal" -}}
hostNetwork: true
dnsPolicy: Default
priorityClassName: {{ .Values.priorityClassName | default "system-node-critical" }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- else }}
affinity:
  nodeAffinity:
    requiredDuringSchedulingIgnoredDuringExecution:
      nodeSelectorTerms:
        - matchExpressions:
            - { key: node-role.kubernetes.io/control-plane, operator: Exists }
{{- end }}
tolerations:
  - { key: node-role.kubernetes.io/control-plane, operator: Exists }
  - { key: node-role.kubernetes.io/etcd, operator: Exists }
  - { key: CriticalAddonsOnly, operator: Exists }
  {{- with .Values.tolerations }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{/* Anywhere, but not all in one place. */}}
{{- define "broker.placementService" -}}
priorityClassName: {{ .Values.priorityClassName | default "system-cluster-critical" }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
topologySpreadConstraints:
  {{- range $key := list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - maxSkew: 1
    topologyKey: {{ $key }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "broker.selector" $ | nindent 8 }}
  {{- end }}
{{- end -}}
