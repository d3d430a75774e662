import dgram from "node:dgram";
import { once } from "node:events";
import { expect, test } from "vitest";
import { collect } from "./harness/collect.js";
import { describeWhere, requireRoot, requireTracefs } from "./harness/requirements.js";

/** No other packet here has this many bytes: an odd size, and our own pid in it. */
const SIZE = 2000 + (process.pid % 997);

describeWhere([requireRoot, requireTracefs], "inInterrupt()", () => {
  test("false in a system call, also where it has disabled softirqs; true where a softirq receives what was sent", async () => {
    // IPv4 and UDP headers; the Ethernet header counts where the packet is queued, not where it is received.
    const source = `import { inInterrupt, pid, tracepoint } from "tsprobe";
export const calls = tracepoint("syscalls:sys_enter_sendm*", () => (pid() === ${process.pid} ? { inside: inInterrupt() } : undefined));
export const queued = tracepoint("net:net_dev_queue", (ctx) => (ctx.len === ${SIZE + 28 + 14} ? { inside: inInterrupt(), pid: pid() } : undefined));
export const received = tracepoint("net:netif_receive_skb", (ctx) => (ctx.len === ${SIZE + 28} ? { inside: inInterrupt() } : undefined));`;
    const { streams, counters } = await collect(source, async () => {
      const receiver = dgram.createSocket("udp4").bind(0, "127.0.0.1");
      await once(receiver, "listening");
      const sender = dgram.createSocket("udp4");
      for (let i = 0; i < 5; i++) {
        sender.send(Buffer.alloc(SIZE), receiver.address().port, "127.0.0.1");
        await once(receiver, "message");
      }
      sender.close();
      receiver.close();
    });
    const [calls = [], queued = [], received = []] = streams;
    expect(counters).toEqual([]);
    expect(calls.length).toBeGreaterThanOrEqual(5);
    expect(new Set(calls.map(({ inside }) => inside))).toEqual(new Set([false]));
    // __dev_queue_xmit runs with softirqs disabled, which is no interrupt.
    expect(queued).toEqual(Array.from({ length: 5 }, () => ({ inside: false, pid: process.pid })));
    expect(received).toEqual(Array.from({ length: 5 }, () => ({ inside: true })));
  });
});
