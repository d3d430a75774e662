/**
 * Round trips of one byte between a server and clients. Prints a line of JSON when a connection stands (`ports`) and one when all are done (`done`).
 *   node tcprtt-traffic.mjs serve PORT [LISTEN]        answers until its input ends
 *   node tcprtt-traffic.mjs ask PORT HOST COUNT [PAUSE_MS [FROM_ADDRESS]]
 *     COUNT round trips; then, on a line of its input, what `ss -tin` says of its socket; on the next one it asks the server to close
 */
import { execFileSync } from "node:child_process";
import net from "node:net";
import { createInterface } from "node:readline";

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
