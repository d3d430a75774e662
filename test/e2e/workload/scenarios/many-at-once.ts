import { conversationStories, converse } from "../conversation.js";
import { scenario } from "../scenario.js";
import { Actor } from "../stage.js";

const host = "127.3.4.8";

/**
 * 200 connections opened together, closed together: no row may be lost, and each socket keeps its order.
 *
 * In a namespace whose loopback acknowledges at once (the route's quickack). Otherwise 200 delayed ACKs are due 40 ms
 * after the first FINs, while the burst of shutdown() calls may still run the probe: a softirq that interrupts a running
 * BPF program runs none itself (trace_call_bpf() in kernel/trace/bpf_trace.c looks at bpf_prog_active and counts a miss),
 * so that every tracer would miss FIN_WAIT1 -> FIN_WAIT2 of dozens of sockets, now and then.
 */
export const manyAtOnce = scenario({
  name: "200 connections at once",
  async run(_stage, options) {
    const route = `ip route add local ${host} dev lo table local src ${host} quickack 1`;
    const back = "ip route replace local 127.0.0.1 dev lo table local proto kernel scope host src 127.0.0.1 quickack 1";
    const both = await Actor.start({ ...options, namespace: ["ip link set lo up", route, back] });
    try {
      return await converse(both, both, {
        listenOn: host,
        connectTo: host,
        closesFirst: "client",
        connections: 200,
        establishedMs: 100,
        halfClosedMs: 50,
      });
    } finally {
      await both.stop();
    }
  },
  expected: conversationStories,
});
