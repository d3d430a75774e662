import { mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { serialize } from "node:v8";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, it } from "vitest";
import { compileText, objectOf } from "../parity/harness/run.js";
import { describeInVms, runInVm } from "./harness/vm.js";

const repository = fileURLToPath(new URL("../../", import.meta.url));
/** A process id that nobody has (beyond PID_MAX_LIMIT): the system call is recognised by it. */
const MARK = 0x5ee_d00d;

const SCRIPT = `
import { addressOf, curtask, enumName, enumValue, exists, ip, kptr, opt, options, tracepoint } from "tsprobe";
import { tcpFlags, tcpState } from "tsprobe/kernel";
import { skbHeaders, sockAddrs, tcpInfo } from "tsprobe/net";
const opts = options({ peers: opt.cidrSet({ flag: "--peers <list>", help: "x" }), name: opt.string({ flag: "--name <text>", help: "x" }) });
export const calls = tracepoint("syscalls:sys_enter_getpgid", (ctx) => {
  if (ctx.pid !== ${MARK}) return;
  const task = curtask();
  const cred = task.cred;
  if (cred === null) return;
  return {
    pid: task.tgid, comm: task.comm, ppid: task.real_parent?.tgid, umask: task.fs?.umask, caps: exists(cred.cap_effective, "val") ? cred.cap_effective.val : 0n, limit: task.signal?.rlim[7].rlim_cur,
    delayed: exists(task.se, "sched_delayed") ? task.se.sched_delayed : 99, named: task.comm === opts.name, leader: task.group_leader === task,
  };
});
export const states = tracepoint("sock:inet_sock_set_state", (ctx) => {
  const sk = kptr("sock", ctx.skaddr);
  const { family, laddr, raddr, lport, rport, netns } = sockAddrs(sk);
  const { cwnd, mss, bytesAcked, bytesReceived } = tcpInfo(sk);
  return { family, laddr, raddr, lport, rport, netns, cwnd, mss, bytesAcked, bytesReceived, only: sk.__sk_common.skc_ipv6only, reuse: sk.__sk_common.skc_reuse,
    protocol: sk.sk_protocol, to: tcpState(ctx.newstate), from: tcpState(ctx.oldstate), prot: sk.__sk_common.skc_prot?.name, near: opts.peers.has(ip(ctx.saddr_v6)) };
});
export const packets = tracepoint("net:netif_receive_skb", (ctx) => {
  const packet = skbHeaders(kptr("sk_buff", ctx.skbaddr));
  if (packet === undefined) return;
  return { protocol: packet.protocol, saddr: packet.saddr, dport: packet.dport, payload: packet.payload, flags: tcpFlags(packet.flags),
    noSocket: enumValue("skb_drop_reason", "SKB_DROP_REASON_NO_SOCKET") };
});`;

interface Result {
  readonly facts: { [name: string]: string | number };
  readonly events: { [field: string]: unknown }[][];
  readonly counted: unknown[];
}

let folder: string;
let runner: string;
let parcel: string;

beforeAll(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "tsprobe-elsewhere-")));
  writeFileSync(join(folder, "package.json"), '{ "name": "tsprobe", "type": "module" }');
  for (const shared of ["node_modules", "toolchain"]) symlinkSync(join(repository, shared), join(folder, shared));
  runner = join(folder, "dist/load-elsewhere.js");
  await build({
    entryPoints: [join(repository, "test/vm/load-elsewhere.ts")],
    outfile: runner,
    bundle: true,
    format: "esm",
    platform: "node",
    packages: "external",
    logLevel: "silent",
  });
  const { m, program, script } = await compileText(SCRIPT, ["--peers", "127.0.0.0/8,10.0.0.0/8", "--name", "node"]);
  const object = await objectOf(m, program);
  parcel = join(folder, "parcel");
  // The host's side of a handler's places is not needed there, and holds the whole script's text for each.
  writeFileSync(parcel, serialize({ program, object, streams: script.streams.length, mark: MARK }));
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describeInVms((version) => {
  it("an object made for this kernel loads, and reads moved members, bitfields, enums and packets rightly", {
    timeout: 300_000,
  }, async () => {
    const { stdout, status } = await runInVm(version, ["node", runner, parcel]);
    expect(status, stdout).toBe(0);
    const line = stdout.split("\n").find((each) => each.startsWith("RESULT "));
    const { facts, events, counted } = JSON.parse((line as string).slice("RESULT ".length)) as Result;
    const [calls = [], states = [], packets = []] = events;
    expect(String(facts.release)).toMatch(`${version}.`);
    expect(counted).toEqual([]);
    expect(calls).toEqual([
      {
        pid: facts.pid,
        comm: facts.comm,
        ppid: facts.ppid,
        umask: facts.umask,
        // kernel_cap_t was an array before 6.3.
        caps: version === "6.1" ? "0" : facts.caps,
        limit: expect.stringMatching(/^\d+$/),
        // struct sched_entity has it since 6.12.
        delayed: version === "6.1" ? 99 : 0,
        named: facts.comm === "node",
        leader: true,
      },
    ]);
    const mapped = "::ffff:127.0.0.1";
    const open = states.filter(({ to }) => to === "ESTABLISHED");
    expect(open).toHaveLength(2);
    expect(open.find(({ lport }) => lport === facts.port)).toMatchObject({
      family: 10,
      laddr: mapped,
      raddr: mapped,
      rport: facts.local,
      netns: facts.netns,
      prot: "TCPv6",
      near: true,
    });
    expect(open.find(({ rport }) => rport === facts.port)).toMatchObject({
      family: 2,
      laddr: "127.0.0.1",
      raddr: "127.0.0.1",
      lport: facts.local,
      protocol: 6,
      only: 0,
      prot: "TCP",
    });
    expect(states.find(({ to }) => to === "LISTEN")).toMatchObject({ lport: facts.port, only: 0, reuse: 1 });
    const end = states.find(({ from, lport }) => from === "ESTABLISHED" && lport === facts.local);
    // The segment that opens a connection counts as one byte.
    expect(end).toMatchObject({ bytesAcked: "5001", bytesReceived: "0" });
    expect(Number(end?.cwnd)).toBeGreaterThanOrEqual(10);
    const sent = packets.filter(({ dport, protocol }) => dport === facts.closedPort && protocol === 17);
    expect(sent).toEqual([
      { protocol: 17, saddr: "127.0.0.1", dport: facts.closedPort, payload: 99, flags: "0", noSocket: facts.noSocket },
    ]);
  });
});
