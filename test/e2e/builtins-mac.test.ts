import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { collect } from "./harness/collect.js";
import { describeWhere, requireRoot, requireTool, toolEnvironment } from "./harness/requirements.js";

const needs = [requireRoot, requireTool("ip", "iproute2"), requireTool("unshare", "util-linux")];

const NEAR = "02:1a:00:fe:0b:c9";
const FAR = "06:00:00:00:a0:01";

/** Two ends of a cable in a network namespace of their own, and packets between them that nobody answers. */
const SEND = `set -e
ip link add tspa address ${NEAR} type veth peer name tspb address ${FAR}
ip addr add 192.0.2.1/24 dev tspa
ip link set tspa up
ip link set tspb up
ip neigh add 192.0.2.2 lladdr ${FAR} dev tspa
for i in 1 2 3; do echo x > /dev/udp/192.0.2.2/9; done
readlink /proc/self/ns/net`;

describeWhere(needs, "hardware addresses", () => {
  test("mac() of a packet's header and of the device it leaves by, as `ip link` was told", async () => {
    const source = `import { bytes, kptr, mac, tracepoint } from "tsprobe";
export const sent = tracepoint("net:net_dev_start_xmit", (ctx) => {
  const skb = kptr("sk_buff", ctx.skbaddr);
  const dev = skb.dev;
  if (dev === null || dev.name !== "tspa" || ctx.protocol !== 0x800) return;
  const header = skb.head + BigInt(skb.mac_header);
  return {
    to: mac(bytes(header, 6)),
    from: mac(bytes(header + 6n, 6)),
    isFar: mac(bytes(header, 6)) === "${FAR}",
    device: mac(bytes(dev.dev_addr, 6)),
  };
});`;
    const { streams, counters } = await collect(source, async () => {
      execFileSync("unshare", ["--net", "bash", "-c", SEND], { env: toolEnvironment() });
    });
    expect(counters).toEqual([]);
    const packets = streams[0] ?? [];
    expect(packets.length).toBeGreaterThanOrEqual(3);
    for (const packet of packets) expect(packet).toEqual({ to: FAR, from: NEAR, isFar: true, device: NEAR });
  });
});
