{{- define "switchyard.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "switchyard.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* What pods are selected by: never changes for a release. Takes (dict "root" $ "app" "routing"); app may be "". */}}
{{- define "switchyard.selector" -}}
app.kubernetes.io/name: {{ include "switchyard.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- with .app }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- end -}}

{{- define "switchyard.labels" -}}
{{ include "switchyard.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: switchyard
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "switchyard.configMapName" -}}
{{- default (printf "%s-config" (include "switchyard.fullname" .)) .Values.config.existingConfigMap -}}
{{- end -}}

{{- define "switchyard.secretName" -}}
{{- default (include "switchyard.fullname" .) .Values.secret.existingSecret -}}
{{- end -}}

{{- define "switchyard.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "switchyard.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "switchyard.image" -}}
{{- $repository := required "image.repository: where is the image that you built from deploy/Dockerfile?" .Values.image.repository -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" $repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" $repository (default .Chart.AppVersion .Values.image.tag) -}}
{{- end -}}
{{- end -}}

{{/* The workers that are on: a JSON list of { app, values, queues }. */}}
{{- define "switchyard.workers" -}}
{{- $workers := list -}}
{{- range $key, $app := dict "crmSync" "crm-sync" "botReplies" "bot-replies" "routing" "routing" "healer" "healer" "customWorkers" "custom-workers" -}}
{{- $values := index $.Values $key -}}
{{- if $values.enabled -}}
{{- $queues := ternary $values.queues (list (ternary "handover" $app (eq $app "healer"))) (eq $app "custom-workers") -}}
{{- $workers = append $workers (dict "app" $app "key" $key "values" $values "queues" $queues) -}}
{{- end -}}
{{- end -}}
{{- toJson $workers -}}
{{- end -}}
