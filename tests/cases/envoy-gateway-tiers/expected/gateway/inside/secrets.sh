#!/bin/sh
# Keys of gateway inside, fleet case, environment default. Written by gen; change the spec.
# Envoy Gateway wants the keys of callers in one secret, each under its caller's name, and every other key in a secret
# of its own. This lays them out so, from the secrets that the spec names. Run it again after a key has changed.
# Whoever makes these secrets in another way does not need it.
set -eu

usage() {
  cat <<'END'
sh secrets.sh [--context NAME]
  --context NAME  ask this context of kubectl and not the present one
END
}

namespace=llm

kube() {
  if [ -n "$context" ]; then
    kubectl --context "$context" "$@"
  else
    kubectl "$@"
  fi
}

# key NAME SECRET JSONPATH: as Kubernetes keeps it, in base64, so that no key stands in clear text anywhere
key() {
  found=$(kube get secret "$2" -n "$namespace" -o "jsonpath=$3")
  if [ -z "$found" ]; then
    echo "secret $2 in namespace $namespace has nothing at $3" >&2
    exit 1
  fi
  data="$data  $1: $found
"
}

# secret NAME
secret() {
  printf 'apiVersion: v1\nkind: Secret\ntype: Opaque\nmetadata:\n  name: %s\n  namespace: %s\n  labels:\n    app.kubernetes.io/part-of: %s\ndata:\n%s' \
    "$1" "$namespace" case "$data" |
    kube apply --server-side --force-conflicts --field-manager fleetgen -f -
  data=''
}

context='' data=''
while [ $# -gt 0 ]; do
  case $1 in
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

key _master case-env '{.data.ENVOY_MASTER_KEY}'
secret inside-callers
key apiKey anthropic '{.data.api\.key}'
secret inside-key-anthropic-api-key
