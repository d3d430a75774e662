/**
 * Round trips of one byte between a server and clients. Prints a line of JSON when a connection stands (`ports`) and one when all are done (`done`).
 *   node tcprtt-traffic.mjs serve PORT [LISTEN]        answers until its input ends
 *   node tcprtt-traffic.mjs ask PORT HOST COUNT [PAUSE_MS [FROM_ADDRESS]]
 *     COUNT round trips; then, on a line of its input, what `ss -tin` says of its socket; on the next one it asks the server to close
 *   node tcprtt-traffic.mjs reset PORT HOLD_MS COUNT...
 *     one connection after another, each with COUNT round trips, held for so long, then reset at both ends
 */
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import net from "node:net";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

const say = (value) => console.log(JSON.stringify(value));
const lines = createInterface(process.stdin)[Symbol.asyncIterator]();
const [role, port, host = "127.0.0.1", count = "100", pause = "0", localAddress] = process.argv.slice(2);

/** What `ss` says of this process's socket, in microseconds. */
function askSs(localPort) {
  const text = execFileSync("ss", ["-tinH", "sport", "=", `:${localPort}`, "dport", "=", `:${port}`], {
    encoding: "utf8",
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
  });
  const us = (pattern) => Math.round(Number(pattern.exec(text)?.[1]) * 1000);
  return { rtt: us(/ rtt:([\d.e-]+)/), mdev: us(/ rtt:[\d.e-]+\/([\d.e-]+)/), min: us(/ minrtt:([\d.e-]+)/), text: text.trim() };
}

if (role === "serve") {
  const server = net.createServer({ noDelay: true }, (peer) => {
    // "q" asks the server to close first.
    peer.on("data", (data) => (data.includes("q") ? peer.end() : peer.write(data))).on("error", () => {});
  });
  server.listen(Number(port), host, () => say({ type: "listening", port: server.address().port }));
  process.stdin.on("end", () => process.exit(0)).resume();
} else if (role === "reset") {
  const [hold, ...counts] = process.argv.slice(4).map(Number);
  const server = net.createServer({ noDelay: true }).listen(Number(port), "127.0.0.1");
  await once(server, "listening");
  for (const asked of counts) {
    const client = net.connect({ port: Number(port), host: "127.0.0.1", noDelay: true });
    const [peer] = await once(server, "connection");
    peer.on("data", (data) => peer.write(data));
    for (let i = 0; i < asked; i++) {
      client.write("x");
      await once(client, "data");
    }
    say({ type: "held", client: client.localPort, asked });
    await sleep(hold);
    client.resetAndDestroy();
    peer.on("error", () => {}).resetAndDestroy();
  }
  process.exit(0);
} else {
  const socket = net.connect({
    port: Number(port),
    host,
    noDelay: true,
    ...(localAddress === undefined ? {} : { localAddress }),
  });
  let left = Number(count);
  socket.on("connect", () => {
    say({ type: "ports", client: socket.localPort, server: Number(port) });
    socket.write("x");
  });
  socket.on("error", (error) => say({ type: "error", message: error.message }));
  await new Promise((resolve) => {
    socket.on("data", () => {
      if (--left > 0) setTimeout(() => socket.write("x"), Number(pause));
      else resolve();
    });
  });
  say({ type: "asked" });
  await lines.next();
  say({ type: "ss", ...askSs(socket.localPort) });
  await lines.next();
  const closed = new Promise((resolve) => socket.on("close", resolve));
  socket.write("q");
  await closed;
  say({ type: "done" });
  process.exit(0);
}
