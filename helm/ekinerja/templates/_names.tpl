{{- define "ekinerja.name" -}}
{{ .Release.Name | trunc 50 | trimSuffix "-" }}
{{- end }}

{{- define "ekinerja.labels" -}}
app.kubernetes.io/name: ekinerja
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
{{- end }}

{{- define "ekinerja.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- define "ekinerja.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "ekinerja.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{- define "ekinerja.doors" -}}
- name: DATABASE_URL
  value: {{ .Values.database.url | quote }}
{{- range $door := list "directory" "tenant" "portal" }}
- name: EKINERJA_{{ upper $door }}_PASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ $.Values.database.secretName }}
      key: {{ $door }}
{{- end }}
{{- end }}
