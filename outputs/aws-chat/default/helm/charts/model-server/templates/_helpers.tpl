{{/* Name of all objects, and of the Service that gateways call. */}}
{{- define "model-server.fullname" -}}
{{- default .Release.Name .Values.fullnameOverride -}}
{{- end -}}

{{/* What selects the pods. Immutable once deployed. */}}
{{- define "model-server.selectorLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ include "model-server.fullname" . | quote }}
{{- end -}}

{{/* Labels of pods: nothing that changes with the chart alone, which would restart them. Ours win over common ones. */}}
{{- define "model-server.podLabels" -}}
{{- $own := include "model-server.selectorLabels" . | fromYaml -}}
{{- toYaml (merge (dict "fleetgen.dev/model" .Values.model) $own .Values.commonLabels) -}}
{{- end -}}

{{- define "model-server.labels" -}}
{{- $chart := printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" -}}
{{- $own := dict "app.kubernetes.io/managed-by" .Release.Service "helm.sh/chart" $chart -}}
{{- toYaml (merge $own (include "model-server.podLabels" . | fromYaml)) -}}
{{- end -}}

{{- define "model-server.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "model-server.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{/* Most pods that can be wanted at once. */}}
{{- define "model-server.maxReplicas" -}}
{{- if .Values.autoscaling.enabled }}{{ .Values.autoscaling.maxReplicas }}{{ else }}{{ .Values.replicaCount }}{{ end -}}
{{- end -}}

{{/* An image by digest, else by tag. */}}
{{- define "model-server.image" -}}
{{- if .digest }}{{ .repository }}@{{ .digest }}{{ else }}{{ .repository }}:{{ required "image.tag or image.digest is needed" .tag }}{{ end -}}
{{- end -}}

{{/* Text as it is: Kubernetes would read `$(NAME)` as a variable and `$$` as one dollar. */}}
{{- define "model-server.literal" -}}
{{- if or (contains "$(" .) (contains "$$" .) }}{{ replace "$" "$$" . }}{{ else }}{{ . }}{{ end -}}
{{- end -}}

{{- define "model-server.words" -}}
{{- $words := list -}}
{{- range . }}{{ $words = append $words (include "model-server.literal" .) }}{{ end -}}
{{- toYaml $words -}}
{{- end -}}

{{- define "model-server.podSecurity" -}}
{{- range $key, $value := .Values.security }}
{{- if not (kindIs "invalid" $value) }}
{{ $key }}: {{ toJson $value }}
{{- end }}
{{- end }}
{{- if not (kindIs "invalid" .Values.security.fsGroup) }}
fsGroupChangePolicy: OnRootMismatch
{{- end }}
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "model-server.pullSecrets" -}}
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . | quote }}
  {{- end }}
{{- end }}
{{- end -}}

{{/* The pods of a job, `job` of the values. No selector of the server may find them. */}}
{{- define "model-server.jobTemplate" -}}
{{- $root := .root -}}
{{- $fullname := include "model-server.fullname" $root -}}
metadata:
  labels:
    {{- $own := dict "app.kubernetes.io/name" "model-job" "app.kubernetes.io/instance" $fullname -}}
    {{- toYaml (merge $own (dict "fleetgen.dev/model" $root.Values.model) $root.Values.commonLabels) | nindent 4 }}
spec:
  restartPolicy: OnFailure
  serviceAccountName: {{ include "model-server.serviceAccountName" $root }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  {{- with include "model-server.pullSecrets" $root | trim }}
  {{- . | nindent 2 }}
  {{- end }}
  securityContext:
    {{- include "model-server.podSecurity" $root | trim | nindent 4 }}
  {{- /* Any node will do, and those of the server will where there are no others. */}}
  {{- with $root.Values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  containers:
    {{- with .job }}
    - name: {{ .name }}
      {{- include "model-server.container" (dict "container" . "root" $root) | nindent 6 }}
      resources:
        {{- $asked := merge (.resources | default dict) (dict "requests" dict "limits" dict) }}
        {{- include "model-server.resources" (dict "resources" $asked "gpus" 0) | nindent 8 }}
    {{- end }}
  {{- $mounted := dict }}
  {{- range .job.volumeMounts }}{{ $_ := set $mounted .name true }}{{ end }}
  volumes:
    {{- range $name, $volume := $root.Values.volumes }}
    {{- if hasKey $mounted $name }}
    - name: {{ $name }}
      {{- include "model-server.volume" (dict "volume" $volume "claim" (printf "%s-%s" $fullname $name) "files" $fullname) | nindent 6 }}
    {{- end }}
    {{- end }}
    {{- with include "model-server.authoritiesVolume" $root | trim }}
    {{- . | nindent 4 }}
    {{- end }}
{{- end -}}

{{/* What the server and the init containers have in common: `container` is a map with the keys of `values`. */}}
{{- define "model-server.container" -}}
{{- $mounts := include "model-server.authoritiesMount" .root | trim -}}
{{- with .container -}}
image: {{ include "model-server.image" .image | quote }}
imagePullPolicy: {{ .image.pullPolicy | default "IfNotPresent" }}
{{- with .command }}
command:
  {{- include "model-server.words" . | nindent 2 }}
{{- end }}
{{- with .args }}
args:
  {{- include "model-server.words" . | nindent 2 }}
{{- end }}
{{- if or .env .secretEnv }}
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
    value: {{ include "model-server.literal" $value | quote }}
  {{- end }}
  {{- end }}
{{- end }}
{{- if or .volumeMounts $mounts }}
volumeMounts:
  {{- with .volumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
  {{- with $mounts }}
  {{- . | nindent 2 }}
  {{- end }}
{{- end }}
{{- end }}
securityContext:
  allowPrivilegeEscalation: false
  capabilities:
    drop: [ALL]
{{- end -}}

{{/* CPU and memory, and the GPUs given. */}}
{{- define "model-server.resources" -}}
{{- $gpus := dict -}}
{{- if .gpus }}{{ $gpus = dict "nvidia.com/gpu" .gpus }}{{ end -}}
requests: {{ merge (dict) .resources.requests $gpus | toJson }}
limits: {{ merge (dict) .resources.limits $gpus | toJson }}
{{- end -}}

{{/* The source of one volume. */}}
{{- define "model-server.volume" -}}
{{- $volume := .volume -}}
{{- if eq $volume.type "persistent" -}}
persistentVolumeClaim:
  claimName: {{ $volume.claim | default .claim }}
{{- else if eq $volume.type "ephemeral" -}}
ephemeral:
  volumeClaimTemplate:
    spec:
      {{- include "model-server.claimSpec" $volume | nindent 6 }}
{{- else if eq $volume.type "hostPath" -}}
hostPath:
  path: {{ $volume.path | quote }}
  type: Directory
{{- else if eq $volume.type "claim" -}}
persistentVolumeClaim:
  claimName: {{ $volume.claim | quote }}
  readOnly: true
{{- else if eq $volume.type "files" -}}
configMap:
  name: {{ .files }}
{{- else if and (eq $volume.type "emptyDir") (not $volume.size) -}}
emptyDir: {}
{{- else -}}
emptyDir:
  {{- if eq $volume.type "memory" }}
  medium: Memory
  {{- end }}
  sizeLimit: {{ $volume.size }}
{{- end -}}
{{- end -}}

{{- define "model-server.claimSpec" -}}
accessModes: [{{ .accessMode | default "ReadWriteOnce" }}]
{{- with .storageClass }}
storageClassName: {{ . | quote }}
{{- end }}
resources:
  requests:
    storage: {{ .size }}
{{- end -}}

{{/* The authorities that every container trusts: a folder of their own, which hides nothing of the image. */}}
{{- define "model-server.authoritiesMount" -}}
{{- with .Values.authorities }}
- name: authorities
  mountPath: {{ dir .path | quote }}
  readOnly: true
{{- end }}
{{- end -}}

{{- define "model-server.authoritiesVolume" -}}
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
{{- define "model-server.validate" -}}
{{- $name := include "model-server.fullname" . -}}
{{- if eq $name "vllm" -}}
{{- fail "A Service named vllm makes Kubernetes inject VLLM_PORT into pods, which vLLM misreads. Choose another release name." -}}
{{- end -}}
{{- with .Values.shutdown -}}
{{- $needed := add .preStopSeconds .drainSeconds -}}
{{- if lt (int64 .graceSeconds) $needed -}}
{{- fail (printf "shutdown.graceSeconds is %v, but preStopSeconds and drainSeconds need %d: running requests would be cut off." .graceSeconds $needed) -}}
{{- end -}}
{{- end -}}
{{- if not (or .Values.strategy.maxSurge .Values.strategy.maxUnavailable) -}}
{{- fail "strategy.maxSurge and strategy.maxUnavailable are both 0: no rollout could ever begin." -}}
{{- end -}}
{{- $surge := ternary .Values.strategy.maxSurge 0 (eq .Values.strategy.type "RollingUpdate") -}}
{{- $pods := add (include "model-server.maxReplicas" . | int64) $surge -}}
{{- range $volume, $spec := .Values.volumes -}}
{{- if and (eq $spec.type "persistent") (ne ($spec.accessMode | default "ReadWriteOnce") "ReadWriteMany") (gt $pods 1) -}}
{{- fail (printf "volumes.%s is one ReadWriteOnce claim, but up to %d pods could run: those on another node would wait for ever. Use type ephemeral, or accessMode ReadWriteMany." $volume $pods) -}}
{{- end -}}
{{- end -}}
{{- range .Values.volumeMounts -}}
{{- if not (hasKey $.Values.volumes .name) -}}
{{- fail (printf "volumeMounts names volume %s, which is not among volumes." .name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
