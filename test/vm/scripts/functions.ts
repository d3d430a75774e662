import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fentry, fexit, kprobe, kptr, kretprobe, onStart, probeName, rawTracepoint, stop, tracepoint } from "tsprobe";

/** How many connections are made. Nothing else in the machine uses TCP. */
const CONNECTIONS = 20;
/** Sizes that are asked for, in a file of so many bytes, and what reads of it give; nobody else reads as much. */
const [FILE, ASKED, SHORT] = [75_000, 70_001n, 4_999n];
const ISDIR = -21n;

export const entered = fentry("tcp_connect", ({ sk }) => ({ port: sk.__sk_common.skc_dport }));
export const left = fexit("tcp_connect", ({ sk, ret }) => ({ port: sk.__sk_common.skc_dport, ret }));
export const probed = kprobe("tcp_connect", ({ sk }) => ({ port: sk.__sk_common.skc_dport }));
export const returned = kretprobe("tcp_connect", ({ ret }) => ({ ret }));
export const inRegister = kprobe({ function: "tcp_connect", offset: 0 }, ({ rdi, rip }) => ({
  port: kptr("sock", rdi).__sk_common.skc_dport,
  high: rip >> 63n,
}));
export const several = kprobe("tcp_v4_conn*", ({ sk }) => ({ name: probeName(), family: sk.__sk_common.skc_family }));
export const severalReturned = kretprobe("tcp_v4_conn*", ({ ret }) => ({ name: probeName(), ret }));
export const asked = kprobe("vfs_read", ({ count }) => (count === ASKED ? { count } : undefined));
export const got = kretprobe("vfs_read", ({ ret }) => (ret === ASKED || ret === SHORT || ret === ISDIR ? { ret } : undefined));
export const both = fexit("vfs_read", ({ count, ret }) => (count === ASKED ? { count, ret } : undefined));
export const raw = rawTracepoint("inet_sock_set_state", ({ sk, oldstate, newstate }) => ({
  port: sk.__sk_common.skc_num,
  moved: oldstate * 100 + newstate,
}));
export const record = tracepoint("sock:inet_sock_set_state", (ctx) => ({
  port: ctx.sport,
  moved: ctx.oldstate * 100 + ctx.newstate,
}));

const streams = { entered, left, probed, returned, inRegister, several, severalReturned, asked, got, both, raw, record };
const seen: Record<string, unknown[]> = {};
for (const [name, stream] of Object.entries(streams)) {
  const list: unknown[] = [];
  seen[name] = list;
  stream.on((event: unknown) => list.push(event));
}

function readFiles(): void {
  const folder = mkdtempSync(join(tmpdir(), "functions-"));
  const path = join(folder, "file");
  writeFileSync(path, Buffer.alloc(FILE));
  const buffer = Buffer.alloc(Number(ASKED));
  const file = openSync(path, "r");
  readSync(file, buffer);
  readSync(file, buffer);
  closeSync(file);
  const directory = openSync(folder, "r");
  try {
    readSync(directory, buffer);
  } catch {
    // EISDIR is what is wanted
  }
  closeSync(directory);
  rmSync(folder, { recursive: true });
}

async function talk(): Promise<number> {
  const server = createServer((peer) => peer.end());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const { port } = server.address() as { port: number };
  for (let i = 0; i < CONNECTIONS; i++)
    await new Promise<void>((resolve) => {
      const client = connect(port, "127.0.0.1");
      client.resume().on("close", () => resolve());
    });
  await new Promise((resolve) => server.close(resolve));
  return port;
}

onStart(async () => {
  readFiles();
  const port = await talk();
  setTimeout(() => {
    const text = JSON.stringify({ port, ...seen }, (_, value) => (typeof value === "bigint" ? Number(value) : value));
    console.log(text);
    stop();
  }, 1_000);
});
