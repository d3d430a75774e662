// Asks the kernel's own text tracer (tracefs, no BPF) what the first row of a new child socket says.
// Runs as a child, because tracefs may be mounted only in its own mount namespace. Prints one line of JSON.

import { once } from "node:events";
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import net from "node:net";

// An instance has its own buffer and its own switches: nothing of anyone else's tracing changes.
const instance = `/sys/kernel/tracing/instances/tsprobe-test-${process.pid}`;
const event = `${instance}/events/sock/inet_sock_set_state`;
const server = net.createServer((socket) => socket.destroy()).listen(0, "127.0.0.1");
await once(server, "listening");
const { port } = server.address();

mkdirSync(instance);
try {
  writeFileSync(`${event}/filter`, `sport==${port}`);
  writeFileSync(`${event}/enable`, "1");
  const client = net.connect(port, "127.0.0.1");
  await once(client.resume(), "close");
  writeFileSync(`${event}/enable`, "0");
  const row = readFileSync(`${instance}/trace`, "utf8")
    .split("\n")
    .find((line) => line.includes("oldstate=TCP_LISTEN") && line.includes("newstate=TCP_SYN_RECV"));
  if (!row) throw new Error("the kernel reported no LISTEN -> SYN_RECV");
  console.log(JSON.stringify({ childRowNamesPeer: !/ dport=0 /.test(row) }));
} finally {
  rmdirSync(instance);
  server.close();
}
