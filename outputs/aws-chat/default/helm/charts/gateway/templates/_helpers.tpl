{{/* Name of all objects, and of the Service that callers use. */}}
{{- define "gateway.fullname" -}}
{{- default .Release.Name .Values.fullnameOverride -}}
{{- end -}}

{{/* What selects the pods. Immutable once deployed. */}}
{{- define "gateway.selectorLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ include "gateway.fullname" . | quote }}
{{- end -}}

{{/* Labels of pods. The models' network policies let in pods with the last one. Ours win over common ones. */}}
{{- define "gateway.podLabels" -}}
{{- $own := include "gateway.selectorLabels" . | fromYaml -}}
{{- toYaml (merge (dict "fleetgen.dev/gateway" "true") $own .Values.commonLabels) -}}
{{- end -}}

{{- define "gateway.labels" -}}
{{- $chart := printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" -}}
{{- $own := dict "app.kubernetes.io/managed-by" .Release.Service "helm.sh/chart" $chart -}}
{{- toYaml (merge $own (include "gateway.selectorLabels" . | fromYaml) .Values.commonLabels) -}}
{{- end -}}

{{- define "gateway.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "gateway.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{/* Most pods that can be wanted at once. */}}
{{- define "gateway.maxReplicas" -}}
{{- if .Values.autoscaling.enabled }}{{ .Values.autoscaling.maxReplicas }}{{ else }}{{ .Values.replicaCount }}{{ end -}}
{{- end -}}

{{/* The image by digest, else by tag. */}}
{{- define "gateway.image" -}}
{{- with .Values.image -}}
{{- if .digest }}{{ .repository }}@{{ .digest }}{{ else }}{{ .repository }}:{{ required "image.tag or image.digest is needed" .tag }}{{ end -}}
{{- end -}}
{{- end -}}

{{/* Text as it is: Kubernetes would read `$(NAME)` as a variable and `$$` as one dollar. */}}
{{- define "gateway.literal" -}}
{{- if or (contains "$(" .) (contains "$$" .) }}{{ replace "$" "$$" . }}{{ else }}{{ . }}{{ end -}}
{{- end -}}

{{- define "gateway.words" -}}
{{- $words := list -}}
{{- range . }}{{ $words = append $words (include "gateway.literal" .) }}{{ end -}}
{{- toYaml $words -}}
{{- end -}}

{{/* The environment of a container; the argument has the keys `env` and `secretEnv`. */}}
{{- define "gateway.environment" -}}
{{- if or .env .secretEnv -}}
env:
  {{- range $name, $ref := .secretEnv }}
  - name: {{ $name }}
    valueFrom:
      secretKeyRef:
        name: {{ $ref.secret | quote }}
        key: {{ $ref.key | quote }}
  {{- end }}
  {{- $secrets := .secretEnv | default dict }}
  {{- range $name, $value := .env }}
  {{- if not (hasKey $secrets $name) }}
  - name: {{ $name }}
    value: {{ include "gateway.literal" $value | quote }}
  {{- end }}
  {{- end }}
{{- end }}
{{- end -}}

{{/* What the pods and the Job have in common. */}}
{{- define "gateway.podSecurity" -}}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . | quote }}
  {{- end }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: {{ .Values.security.runAsUser | int64 }}
  runAsGroup: {{ .Values.security.runAsGroup | int64 }}
  seccompProfile:
    type: RuntimeDefault
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "gateway.containerSecurity" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
{{- end -}}

{{- define "gateway.scratchMounts" -}}
{{- range $index, $path := keys .Values.scratch | sortAlpha }}
- name: scratch-{{ $index }}
  mountPath: {{ $path | quote }}
{{- end }}
{{- end -}}

{{- define "gateway.scratchVolumes" -}}
{{- range $index, $path := keys .Values.scratch | sortAlpha }}
- name: scratch-{{ $index }}
  emptyDir:
    sizeLimit: {{ get $.Values.scratch $path }}
{{- end }}
{{- end -}}

{{/* A file's key in the ConfigMap, which knows no folders. */}}
{{- define "gateway.fileKey" -}}
{{- replace "/" "__" . -}}
{{- end -}}

{{/* The authorities that every container trusts: a folder of their own, which hides nothing of the image. */}}
{{- define "gateway.authoritiesMount" -}}
{{- with .Values.authorities }}
- name: authorities
  mountPath: {{ dir .path | quote }}
  readOnly: true
{{- end }}
{{- end -}}

{{- define "gateway.authoritiesVolume" -}}
{{- with .Values.authorities }}
- name: authorities
  {{- if .configMap }}
  configMap:
    name: {{ .configMap | quote }}
  {{- else }}
  secret:
    secretName: {{ .secret | quote }}
  {{- end }}
    items:
      - key: {{ .key | quote }}
        path: {{ base .path | quote }}
{{- end }}
{{- end -}}

{{/* What a schema cannot say. */}}
{{- define "gateway.validate" -}}
{{- with .Values.shutdown -}}
{{- $needed := add .preStopSeconds .drainSeconds -}}
{{- if lt (int64 .graceSeconds) $needed -}}
{{- fail (printf "shutdown.graceSeconds is %v, but preStopSeconds and drainSeconds need %d: running calls would be cut off." .graceSeconds $needed) -}}
{{- end -}}
{{- end -}}
{{- with .Values.autoscaling -}}
{{- if and .enabled (gt (int .minReplicas) (int .maxReplicas)) -}}
{{- fail (printf "autoscaling.minReplicas is %v, which is above maxReplicas, %v." .minReplicas .maxReplicas) -}}
{{- end -}}
{{- end -}}
{{- $keys := list -}}
{{- range $path := concat (keys .Values.files) (keys .Values.liveFiles) -}}
{{- $key := include "gateway.fileKey" $path -}}
{{- if has $key $keys -}}
{{- fail (printf "two files have the key %s in the ConfigMap; rename %s." $key $path) -}}
{{- end -}}
{{- $keys = append $keys $key -}}
{{- end -}}
{{- $size := add (toJson .Values.files | len) (toJson .Values.liveFiles | len) -}}
{{- if gt $size 1000000 -}}
{{- fail (printf "the files have %d bytes, and a ConfigMap holds 1 MiB. Split the routes among several gateways." $size) -}}
{{- end -}}
{{- with .Values.exposure -}}
{{- if and (or .ingress.enabled .httpRoute.enabled) (not .host) -}}
{{- fail "exposure.host is needed: without one every host of the entry point would lead here." -}}
{{- end -}}
{{- if and (or .ingress.enabled .httpRoute.enabled) (not .paths) -}}
{{- fail "exposure.paths is needed: what is not listed there is not reached from outside." -}}
{{- end -}}
{{- if and .httpRoute.enabled (not .httpRoute.gateway.name) -}}
{{- fail "exposure.httpRoute.gateway.name is needed: the route has to attach to a Gateway." -}}
{{- end -}}
{{- end -}}
{{- end -}}
