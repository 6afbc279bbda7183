#!/bin/sh
# Labels and taints of the nodes of cluster dc1, fleet multi-cloud, environment default. Written by gen; change the spec.
# Without an option it shows what it would do and changes nothing. It never sets a label that the spec merely expects.
# shellcheck disable=SC2329  # not every cluster needs each of the functions
set -eu

usage() {
  cat <<'END'
sh label-nodes.sh [--apply | --undo] [--context NAME]
  --apply         set labels and taints
  --undo          take them away again
  --context NAME  ask this context of kubectl and not the present one
END
}

pools() {
  # Pool l40s
  label gpu-01 l40s
  taint gpu-01 nvidia.com/gpu present NoSchedule
  label gpu-02 l40s
  taint gpu-02 nvidia.com/gpu present NoSchedule
}

hosts() {
  for host in gpu-01 gpu-02; do
    get "$host" -o name >/dev/null 2>>"$errors" || missing="$missing $host"
  done
}

kube() {
  if [ -n "$context" ]; then
    kubectl --context "$context" "$@"
  else
    kubectl "$@"
  fi
}

get() {
  kube get node "$@"
}

run() {
  changes=$((changes + 1))
  if [ "$mode" = show ]; then
    echo "would run: kubectl $*"
  else
    kube "$@"
  fi
}

# label NODE POOL
label() {
  now=$(get "$1" -o 'jsonpath={.metadata.labels.fleetgen\.dev/pool}')
  if [ "$mode" = undo ]; then
    if [ "$now" = "$2" ]; then run label node "$1" fleetgen.dev/pool-; fi
  elif [ "$now" != "$2" ]; then
    if [ -n "$now" ]; then echo "note: $1 moves here from pool $now"; fi
    run label node "$1" "fleetgen.dev/pool=$2" --overwrite
  fi
}

# taint NODE KEY VALUE EFFECT
taint() {
  now=$(get "$1" -o 'jsonpath={range .spec.taints[*]}{.key}={.value}:{.effect}{"\n"}{end}')
  there=no
  if printf '%s\n' "$now" | grep -Fqx -e "$2=$3:$4"; then there=yes; fi
  if [ "$mode" = undo ]; then
    if [ "$there" = yes ]; then run taint node "$1" "$2:$4-"; fi
  elif [ "$there" = no ]; then
    if [ "$4" = NoExecute ]; then echo "note: $1 evicts pods that do not tolerate $2"; fi
    run taint node "$1" "$2=$3:$4" --overwrite
  fi
}

# expect POOL NODES LABELS
expect() {
  if [ "$mode" = undo ]; then return; fi
  found=$(kube get nodes -l "$3" -o name | grep -c . || true)
  if [ "$found" -lt "$2" ]; then
    echo "pool $1: $found nodes have the labels $3, and the spec says at least $2" >&2
    failed=1
  fi
}

mode=show context='' missing='' changes=0 failed=0
while [ $# -gt 0 ]; do
  case $1 in
    --apply) mode=apply ;;
    --undo) mode=undo ;;
    --context)
      if [ $# -lt 2 ]; then usage >&2; exit 2; fi
      context=$2
      shift
      ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
  shift
done

errors=$(mktemp)
trap 'rm -f "$errors"' EXIT
hosts
if [ -n "$missing" ]; then
  echo "nothing is changed: kubectl finds no node called$missing" >&2
  cat "$errors" >&2
  exit 1
fi
pools
if [ "$changes" -eq 0 ]; then
  echo "labels and taints are as they should be"
elif [ "$mode" = show ]; then
  echo "$changes changes; run again with --apply"
fi
exit "$failed"
