#!/usr/bin/env bash
# Inside a virtual machine: runs scripts one after the other, each beside three rounds of a workload, and prints what they print.
#   language.sh PATH_OF_THE_COMMAND WORKLOAD SCRIPT...
set -u
command=$1 workload=$2
shift 2
export NO_COLOR=1
work=$(mktemp -d)
for script in "$@"; do
  echo "script: $script"
  node "$command" run --no-check "$script" >"$work/out" 2>"$work/words" &
  tracer=$!
  for _ in $(seq 600); do grep -q ^attached "$work/words" && break; kill -0 $tracer 2>/dev/null || break; sleep 0.2; done
  node "$workload" >"$work/rounds" &
  worker=$!
  for _ in $(seq 100); do [ "$(grep -c round "$work/rounds")" -ge 3 ] && break; sleep 0.2; done
  kill $worker
  kill -INT $tracer
  wait $tracer
  echo "ended with $?"
  cat "$work/out"
  sed 's/^/words: /' "$work/words"
done
rm -r "$work"
