/**
 * Runs in a virtual machine: loads an object that was compiled for another kernel, makes some events, prints what came and
 * what is true there. Arguments: the file with the serialized program.
 */
import { createSocket } from "node:dgram";
import { readFileSync, statSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { release } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { deserialize } from "node:v8";
import type { Program } from "../../compiler/program.js";
import { EventStream } from "../../dsl/stream.js";
import { openKernelBtf } from "../../kernel/kernel-btf.js";
import { compileDecoder } from "../../runtime/decode.js";
import { NativeLibrary } from "../../runtime/ffi/library.js";
import { openSession } from "../../runtime/session.js";

interface Parcel {
  readonly program: Program;
  readonly object: Uint8Array;
  readonly streams: number;
  /** What getpgid is called with. */
  readonly mark: number;
}

const { program, object, streams: count, mark } = deserialize(readFileSync(process.argv[2] as string)) as Parcel;
const watch = { onWaiting: () => {}, onReaderEnded: () => {} };
const events: unknown[][] = Array.from({ length: count }, () => []);
const streams = events.map((list) => {
  const stream = new EventStream<never>(watch as never);
  stream.on((event) => list.push(event));
  return stream;
});

const session = openSession({ program, object, streams, decoders: program.events.map(compileDecoder), log: () => {} } as never);
session.attach();
session.start();
NativeLibrary.open("").bind("getpgid", { parameters: ["i32"], result: "i32" })(mark as never);

const server = createServer((socket) => socket.resume());
await new Promise<void>((resolve) => server.listen({ port: 0, host: "::", ipv6Only: false }, resolve));
const { port } = server.address() as AddressInfo;
const client = connect(port, "127.0.0.1");
await new Promise((resolve) => client.once("connect", resolve));
const local = client.localPort;
await new Promise<void>((resolve) => client.write(Buffer.alloc(5000), () => resolve()));
await sleep(500);
client.destroy();
await new Promise((resolve) => server.close(resolve));

const closed = createSocket("udp4");
await new Promise<void>((resolve) => closed.bind(0, "127.0.0.1", resolve));
const closedPort = closed.address().port;
await new Promise<void>((resolve) => closed.close(() => resolve()));
const sender = createSocket("udp4");
await new Promise<void>((resolve) => sender.send(Buffer.alloc(99), closedPort, "127.0.0.1", () => resolve()));
await sleep(300);
sender.close();
const { counters } = await session.stop();

const status = readFileSync("/proc/self/status", "utf8");
const facts = {
  release: release(),
  pid: process.pid,
  ppid: process.ppid,
  comm: readFileSync("/proc/thread-self/comm", "utf8").trim(),
  umask: Number.parseInt(/^Umask:\s+(\d+)/m.exec(status)?.[1] as string, 8),
  caps: String(BigInt(`0x${/^CapEff:\s+(\w+)/m.exec(status)?.[1]}`)),
  netns: statSync("/proc/self/ns/net").ino,
  port,
  local,
  closedPort,
  noSocket: Number(
    openKernelBtf()
      .enum("skb_drop_reason")
      ?.values.find(({ name }) => name === "SKB_DROP_REASON_NO_SOCKET")?.value,
  ),
};
const counted = counters.filter(({ count }) => count > 0n).map(({ site, count }) => [site.reason, site.subject, Number(count)]);
const text = JSON.stringify({ facts, events, counted }, (_, value) => (typeof value === "bigint" ? String(value) : value));
console.log(`RESULT ${text}`);
process.exit(0);
