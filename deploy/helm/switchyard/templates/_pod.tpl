{{/*
The pod of one app. Takes (dict "root" $ "app" "routing" "values" .Values.routing) and, for apps that listen,
"port" (dict "name" "http" "containerPort" 3000); for the ingress "spool" true.
*/}}
{{- define "switchyard.pod" -}}
{{- $root := .root -}}
{{- $stopSeconds := divf $root.Values.environment.SHUTDOWN_TIMEOUT_MS 1000 | ceil | int -}}
metadata:
  labels:
    {{- include "switchyard.labels" . | nindent 4 }}
    {{- with $root.Values.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    {{- if not $root.Values.config.existingConfigMap }}
    checksum/config: {{ printf "%s %s" $root.Values.config.fileName $root.Values.config.file | sha256sum }}
    {{- end }}
    {{- if not $root.Values.secret.existingSecret }}
    checksum/secret: {{ toJson $root.Values.secret.values | sha256sum }}
    {{- end }}
    kubectl.kubernetes.io/default-container: {{ .app }}
    {{- with $root.Values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "switchyard.serviceAccountName" $root }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  # What the process may take for its stop, what it may run over, and the wait before it.
  terminationGracePeriodSeconds: {{ add $stopSeconds 20 }}
  securityContext:
    {{- toYaml $root.Values.podSecurityContext | nindent 4 }}
  {{- with $root.Values.image.pullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $root.Values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  containers:
    - name: {{ .app }}
      image: {{ include "switchyard.image" $root | quote }}
      imagePullPolicy: {{ $root.Values.image.pullPolicy }}
      args: [{{ .app }}]
      env:
        {{- include "switchyard.environment" . | nindent 8 }}
      {{- with concat $root.Values.extraEnvFrom .values.extraEnvFrom }}
      envFrom:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      ports:
        {{- with .port }}
        - {{ toJson . }}
        {{- end }}
        - {"name": "admin", "containerPort": 9100}
      # Alive is said soon, also without Redis; ready when it is able to work.
      startupProbe:
        httpGet: { path: /healthz, port: admin }
        periodSeconds: 2
        timeoutSeconds: 2
        failureThreshold: 45
      livenessProbe:
        httpGet: { path: /healthz, port: admin }
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 3
      readinessProbe:
        httpGet: { path: /readyz, port: admin }
        periodSeconds: 5
        timeoutSeconds: 3
        failureThreshold: 2
      {{- if .port }}
      lifecycle:
        # Until nobody sends here any more.
        preStop: { sleep: { seconds: 5 } }
      {{- end }}
      resources:
        {{- toYaml .values.resources | nindent 8 }}
      securityContext:
        {{- toYaml $root.Values.securityContext | nindent 8 }}
      volumeMounts:
        # Under the image's root, so that the file can import @switchyard/config.
        - { name: config, mountPath: /app/config, readOnly: true }
        - { name: tmp, mountPath: /tmp }
        {{- if .spool }}
        - { name: spool, mountPath: /spool }
        {{- end }}
  volumes:
    - name: config
      configMap:
        name: {{ include "switchyard.configMapName" $root }}
    - name: tmp
      emptyDir: { sizeLimit: 64Mi }
  {{- with $root.Values.topologySpread }}
  topologySpreadConstraints:
    {{- range . }}
    - {{ toJson (merge (dict "labelSelector" (dict "matchLabels" (include "switchyard.selector" $ | fromYaml))) .) }}
    {{- end }}
  {{- end }}
  {{- with $root.Values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $root.Values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $root.Values.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}
