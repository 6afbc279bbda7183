#!/usr/bin/env bash
# Runs Envoy so that it ends as a server should: no call is cut off, and none is waited for any longer than it may take.
#   run.sh SECONDS ARGUMENT...   runs Envoy with the arguments; calls that run when it is to end have these seconds
#   run.sh healthy               asks whether it takes calls
# Bash itself opens the connections, since its image holds no other program that could.
# shellcheck disable=SC2329 # the trap calls them
set -u
readonly CALLERS=4000 ADMINISTRATION=9901 RUNNING=http.tenants.downstream_rq_active

# ask METHOD PORT PATH: prints the answer, from its status line to its last chunk: the connection stays for a second.
ask() {
  local line=
  {
    printf '%s %s HTTP/1.1\r\nhost: gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n' "$1" "$3" >&3
    while [[ $line != $'0\r' ]] && IFS= read -r -t 5 line <&3; do printf '%s\n' "$line"; done
  } 3<>"/dev/tcp/127.0.0.1/$2"
}

busy() {
  [[ $(ask GET "$ADMINISTRATION" "/stats?filter=^$RUNNING\$") != *"$RUNNING: 0"* ]]
}

# Takes no new connection and no further call of an open one, and waits for those that run.
end() {
  local until=$((SECONDS + longest + 1))
  ask POST "$ADMINISTRATION" /healthcheck/fail
  ask POST "$ADMINISTRATION" '/drain_listeners?inboundonly'
  while ((SECONDS < until)) && kill -0 "$envoy" && busy; do sleep 0.2; done
  kill "$envoy"
} >/dev/null 2>&1

if [[ $1 == healthy ]]; then
  [[ $(ask GET "$CALLERS" /health) == 'HTTP/1.1 200 '* ]]
  exit
fi
readonly longest=$1
envoy "${@:2}" &
envoy=$!
trap end TERM INT
wait "$envoy"
code=$?
# A signal ends only the waiting.
while kill -0 "$envoy" 2>/dev/null; do
  wait "$envoy"
  code=$?
done
exit "$code"
