#!/usr/bin/env bash
# Inside a virtual machine: probes on kernel functions, and what is left of them when tsprobe has ended in three ways.
#   functions.sh PATH_OF_THE_COMMAND FOLDER_OF_THE_SCRIPTS
set -u
command=$1 scripts=$2
export NO_COLOR=1
PATH=$PATH:/usr/sbin

# Waits without a process of its own that sleeps: those are counted below.
pause() { read -rt "$1" <> <(:) || :; }

left_behind() { # of what tsprobe makes
  echo "after $1: $(grep -c . /sys/kernel/tracing/kprobe_events) events, $(bpftool --json link | node -p 'JSON.parse(require("fs").readFileSync(0)).length') links, $(bpftool --json prog | node -p 'JSON.parse(require("fs").readFileSync(0)).filter(({ name = "" }) => /^p\d+_/.test(name)).length') programs"
}

ends_by() { # signal
  words=$(mktemp)
  node "$command" run --no-check "$scripts/functions-idle.ts" >/dev/null 2>"$words" &
  local tracer=$!
  for _ in $(seq 600); do grep -q ^attached "$words" && break; kill -0 $tracer 2>/dev/null || break; pause 0.2; done
  kill -"$1" $tracer
  wait $tracer 2>/dev/null
  grep ^attached "$words" || cat "$words"
  pause 1
  left_behind "$1"
}

node "$command" run --no-check "$scripts/functions.ts" 2>&1
echo "ended with $?"
left_behind exit
ends_by INT
ends_by KILL

words=$(mktemp)
node "$command" run --no-check "$scripts/functions-missed.ts" --format json 2>"$words" &
tracer=$!
for _ in $(seq 600); do grep -q ^attached "$words" && break; kill -0 $tracer 2>/dev/null || break; pause 0.2; done
for _ in $(seq 60); do sleep 8 & sleepers+=($!); done
wait "${sleepers[@]}"
kill -INT $tracer
wait $tracer
grep -v ^attached "$words"
for refused in inside closed notrace many; do
  node "$command" run --no-check --for 1s "$scripts/functions-$refused.ts" 2>&1
  echo "$refused ended with $?"
done
