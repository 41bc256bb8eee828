{{/* The environment of one app, see docs/configuration.md: what all share, then its secrets, then the user's. */}}
{{- define "switchyard.environment" -}}
{{- $root := .root -}}
{{- $common := $root.Values.environment -}}
- { name: SWITCHYARD_CONFIG, value: {{ printf "/app/config/%s" $root.Values.config.fileName | quote }} }
{{- range $name := list "CHATWOOT_BASE_URL" "CHATWOOT_ACCOUNT" "CRM_URL" "SHARDS" "LOG_LEVEL" "SHUTDOWN_TIMEOUT_MS" }}
{{- with index $common $name }}
- { name: {{ $name }}, value: {{ toString . | quote }} }
{{- end }}
{{- end }}
- { name: ADMIN_PORT, value: "9100" }
{{- if eq .app "ingress" }}
- { name: PORT, value: "3000" }
- { name: SPOOL_DIR, value: /spool/deliveries }
{{- end }}
{{- if eq .app "console" }}
- { name: CONSOLE_HOST, value: "0.0.0.0" }
- { name: CONSOLE_PORT, value: "3001" }
{{- with .values.allowedHosts }}
- { name: CONSOLE_ALLOWED_HOSTS, value: {{ join "," . | quote }} }
{{- end }}
{{- if eq .values.auth "none" }}
- { name: CONSOLE_AUTH, value: none }
{{- end }}
{{- end }}
{{- with .values.concurrency }}
- { name: CONCURRENCY, value: {{ toString . | quote }} }
{{- end }}
{{- $secrets := dict
  "ingress" (list "CHATWOOT_WEBHOOK_SECRET" "CHATWOOT_UNSIGNED_TOKEN")
  "crm-sync" (list "CHATWOOT_API_TOKEN" "CRM_API_KEY")
  "bot-replies" (list "CHATWOOT_API_TOKEN" "CHATWOOT_BOT_TOKEN")
  "routing" (list "CHATWOOT_API_TOKEN" "CUSTOMERS_DATABASE_URL")
  "healer" (list "CHATWOOT_API_TOKEN" "CHATWOOT_BOT_TOKEN")
  "custom-workers" (list "CHATWOOT_API_TOKEN" "CHATWOOT_BOT_TOKEN")
  "console" (ternary (list) (list "CONSOLE_PASSWORD") (eq (default "" .values.auth) "none"))
}}
{{- /* An app that lacks one that it needs ends with a line that names it. Without REDIS_URL it would try localhost. */}}
{{- range $name := prepend (index $secrets .app) "REDIS_URL" }}
- name: {{ $name }}
  valueFrom:
    secretKeyRef: { name: {{ include "switchyard.secretName" $root }}, key: {{ $name }}, optional: {{ ne $name "REDIS_URL" }} }
{{- end }}
{{- with concat $root.Values.extraEnv .values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}
