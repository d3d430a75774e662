import { expect, test, vi } from "vitest";

const SK = 0xffff_8880_0000_1000n;
const [ESTABLISHED, CLOSE] = [1, 7];

/** The probe with `--live`, as JSON: packets of a socket, and readings. */
async function startLive() {
  vi.resetModules();
  const { beginScript } = await import("../../../dsl/script.js");
  const script = beginScript(["--live"], "json");
  const { kernelMemory, rawArgs, task } = await import("tsprobe/test");
  await import("../../../probes/tcprtt.js");
  const shown: unknown[] = [];
  script.onRow = (_, row) => shown.push(row) > 0;

  /** The socket at `SK`, to a remote port. */
  const socket = (port: number, rtt: number) => {
    kernelMemory("inet_sock", SK, { inet_sport: 0x5000 } as never);
    kernelMemory("tcp_sock", SK, { srtt_us: rtt << 3, mdev_us: 0, rtt_min: { s: [{ v: rtt }] } } as never);
    return kernelMemory("sock", SK, {
      sk_protocol: 6,
      __sk_common: {
        skc_family: 2,
        skc_rcv_saddr: 0x0100_007f,
        skc_daddr: 0x0100_007f,
        skc_dport: ((port & 0xff) << 8) | (port >> 8),
        skc_net: { net: { ns: { inum: 1 } } },
      },
    } as never);
  };
  const handlers = script.probes.flatMap((probe) => [probe, ...probe.otherwise]);
  const call = (hook: string, args: unknown) =>
    handlers.find(({ target }) => JSON.stringify(target).includes(hook))?.handler(args as never);
  return {
    move: (port: number, at: bigint, oldstate: number, newstate: number) => {
      task({ ktimeNs: at });
      call("inet_sock_set_state", rawArgs("inet_sock_set_state", { sk: socket(port, 0), oldstate, newstate } as never));
    },
    packets: (port: number, count: number, rtt: number) => {
      for (let i = 0; i < count; i++) call("tcp_probe", rawArgs("tcp_probe", { sk: socket(port, rtt) } as never));
    },
    read: async () => {
      shown.length = 0;
      for (const { callback } of script.host.every) await callback();
      return shown;
    },
  };
}

test("--live: what a connection had is not taken from the next one at its place in memory", async () => {
  const { move, packets, read } = await startLive();
  move(1000, 5n, 2, ESTABLISHED);
  packets(1000, 3, 900);
  expect(await read()).toMatchObject([{ rport: 1000, packets: 3n, avgUs: 900n }]);
  packets(1000, 2, 800);
  expect(await read()).toMatchObject([{ rport: 1000, packets: 2n, avgUs: 800n }]);
  // More packets than the first, and faster ones: their sum is below.
  move(1000, 6n, ESTABLISHED, CLOSE);
  move(1000, 7n, 2, ESTABLISHED);
  packets(1000, 8, 10);
  expect(await read()).toMatchObject([{ rport: 1000, packets: 8n, avgUs: 10n }]);
});

test("--live: connections whose beginning was not seen are told apart by their ends", async () => {
  const { move, packets, read } = await startLive();
  packets(1000, 3, 900);
  expect(await read()).toMatchObject([{ rport: 1000, packets: 3n }]);
  packets(1000, 1, 900);
  expect(await read()).toMatchObject([{ rport: 1000, packets: 1n }]);
  move(1000, 6n, ESTABLISHED, CLOSE);
  packets(2000, 8, 10);
  expect(await read()).toMatchObject([{ rport: 2000, packets: 8n, avgUs: 10n }]);
});
