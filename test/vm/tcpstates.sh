#!/usr/bin/env bash
# Inside a virtual machine: what doctor finds, then tcpstates on one loopback connection. Prints two JSON documents' lines.
#   tcpstates.sh PATH_OF_THE_COMMAND PATH_OF_THE_PROBE
set -u
command=$1 probe=$2
words=$(mktemp)
node "$command" doctor --json
echo "doctor ended with $?"
node "$command" run "$probe" --format json --no-check 2>"$words" &
tracer=$!
for _ in $(seq 600); do grep -q ^attached "$words" && break; kill -0 $tracer 2>/dev/null || break; sleep 0.2; done
node -e '
  const net = require("net");
  const server = net.createServer((peer) => peer.end()).listen(0, "127.0.0.1", () => {
    const client = net.connect(server.address().port, "127.0.0.1");
    client.resume().on("close", () => { console.log(JSON.stringify({ type: "workload", client: client.localPort ?? 0, server: server.address().port })); server.close(); });
    client.on("connect", () => console.log(JSON.stringify({ type: "ports", pid: process.pid, client: client.localPort, server: server.address().port })));
  });'
# The last ACK of the one that closed first may come after it.
sleep 1
kill -INT $tracer
wait $tracer
echo "run ended with $?"
cat "$words" >&2
