#!/usr/bin/env bash
# Inside a virtual machine: tcpconnlat before the tests' connects, with 20 ms of delay each way, in three forms: as it is, with
# kprobes instead of fentry and fexit, and with tracepoints only. The first time libbpf-tools' tcpconnlat runs beside it.
#   tcpconnlat.sh PATH_OF_THE_COMMAND PATH_OF_THE_PROBE PATH_OF_CONNECTS CONNECT_NETS CONNECT...
set -u
command=$1 probe=$2 connects=$3 nets=$4
shift 4
work=$(mktemp -d)
# Functions that no kernel has.
sed 's/^  \(fentry\|fexit\)("/&no_such_/' "$probe" >"$work/kprobes.ts"
sed 's/^  \(kprobe\|kretprobe\)("/&no_such_/' "$work/kprobes.ts" >"$work/tracepoints.ts"
cp "$probe" "$work/as-it-is.ts"
for form in ${FORMS:-as-it-is kprobes tracepoints}; do
  echo "{\"form\":\"$form\"}"
  node "$command" run "$work/$form.ts" --format json -L --no-check >"$work/rows" 2>"$work/words" &
  tracer=$!
  for _ in $(seq 600); do grep -q ^attached "$work/words" && break; kill -0 $tracer 2>/dev/null || break; sleep 0.2; done
  grep ^attached "$work/words"
  if [ $form = as-it-is ] && command -v tcpconnlat >/dev/null; then
    tcpconnlat -t -L >"$work/theirs" 2>&1 &
    theirs=$!
    # It says nothing when it is attached, and prints when its buffer is full or it ends.
    sleep 4
  fi
  unshare -n "$nets" "$connects" 20 "$@"
  sleep 1
  if [ -n "${theirs:-}" ]; then
    kill -INT $theirs
    wait $theirs
    sed 's/^/theirs: /' "$work/theirs"
    theirs=
  fi
  kill -INT $tracer
  wait $tracer
  cat "$work/rows"
  grep -v '^$' "$work/words" | sed 's/^/words: /'
done
rm -r "$work"
