#!/usr/bin/env bash
# Inside a virtual machine, over one connection between two namespaces with 20 ms between them: the original of libbpf-tools, tcprtt
# as this kernel has it, tcprtt by the tracepoint, and a script with all three hooks. Prints sections that begin with "== NAME".
#   tcprtt.sh PATH_OF_THE_COMMAND PATH_OF_THE_PROBE PATH_OF_THE_TRAFFIC PATH_OF_THE_SCRIPT
set -u
command=$1 probe=$2 traffic=$3 hooks=$4
export NO_COLOR=1 PATH=$PATH:/usr/sbin TSPROBE_CACHE_DIR=/tmp/cache
work=$(mktemp -d) port=5301
until_line() { # pattern, file
  for _ in $(seq 900); do grep -q "$1" "$2" && step "$1" && return; grep '^error' "$2" && exit 1; sleep 0.2; done
  echo "no line $1 in $2:"; cat "$2"; exit 1
}
step() { echo "$SECONDS s: $1" >&2; }

ip netns add near; ip netns add far
ip link add v0 netns near type veth peer name v1 netns far
ip -n near addr add 10.9.0.1/24 dev v0; ip -n far addr add 10.9.0.2/24 dev v1
for ns in near far; do ip -n $ns link set lo up; done
ip -n near link set v0 up; ip -n far link set v1 up
# Half of the delay on each way.
ip netns exec near tc qdisc add dev v0 root netem delay 10ms
ip netns exec far tc qdisc add dev v1 root netem delay 10ms
# Every packet is acknowledged at once, by the kernel, so that what programs take is not in the times; and neighbours know each other.
ip -n near route replace 10.9.0.0/24 dev v0 quickack 1; ip -n far route replace 10.9.0.0/24 dev v1 quickack 1
ip -n near neigh replace 10.9.0.2 dev v0 nud permanent lladdr "$(ip netns exec far cat /sys/class/net/v1/address)"
ip -n far neigh replace 10.9.0.1 dev v1 nud permanent lladdr "$(ip netns exec near cat /sys/class/net/v0/address)"

# The same tool on a kernel that has the tracepoint only.
sed '/^  fentry("tcp_rcv_established"/d; /^  kprobe("tcp_rcv_established"/d' "$probe" > "$work/tracepoint.ts"

step "namespaces stand"
pids=()
ours() { # name, file, flags
  node "$command" run --no-check "$2" -v "${@:3}" >"$work/$1.out" 2>"$work/$1.err" & pids+=($!)
}
ours hooks "$hooks"; until_line '^attached' "$work/hooks.err"
ours best "$probe" -P $port -e; until_line '^attached' "$work/best.err"
ours tracepoint "$work/tracepoint.ts" --netns near --per-connection --format json; until_line '^attached' "$work/tracepoint.err"
tcprtt -P $port -e >"$work/original.out" 2>"$work/original.err" & original=$!
sleep 3
step "all attached"

mkfifo "$work/serve" "$work/ask"
ip netns exec far node "$traffic" serve $port 10.9.0.2 <"$work/serve" >"$work/serve.out" & server=$!
exec 8>"$work/serve"
until_line listening "$work/serve.out"
ip netns exec near node "$traffic" ask $port 10.9.0.2 150 <"$work/ask" >"$work/ask.out" & asker=$!
exec 9>"$work/ask"
until_line '"asked"' "$work/ask.out"; sleep 1
echo >&9; until_line '"ss"' "$work/ask.out"
echo >&9; wait $asker
sleep 1
kill -INT $original; wait $original
for pid in "${pids[@]}"; do kill -INT $pid; wait $pid; echo "run ended with $?"; done
kill $server; exec 8>&- 9>&-

step "all ended"
echo "== traffic"; cat "$work/ask.out"
for name in hooks best tracepoint; do
  echo "== $name"; cat "$work/$name.out"
  echo "== $name.err"; grep -E '^attached|uses|^error|lost|skipped|missed' "$work/$name.err"
done
echo "== original"; cat "$work/original.out" "$work/original.err"
echo "== record"; grep -c skaddr /sys/kernel/tracing/events/tcp/tcp_probe/format
echo "== end"
