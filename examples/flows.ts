/**
 * Records as keys and values, added to atomically: packets and bytes of each pair of ports on the loopback interface. The host part
 * reads the map when it wants to, here at the end.
 */
import { hash, onExit, opt, options, tracepoint } from "tsprobe";

const opts = options({ least: opt.u32({ flag: "--least <bytes>", help: "only packets of at least this size", default: 0 }) });
const sizes = hash({ key: ["comm", "u16"], value: { packets: "u32", bytes: "u64" }, max: 4096 });

tracepoint("net:netif_rx", (ctx) => {
  if (ctx.len < opts.least) return;
  // Sizes by the power of two that they reach.
  let reached = 1;
  for (let i = 0; i < 16; i++) if (ctx.len >= reached * 2) reached *= 2;
  sizes.add([ctx.name, reached & 0xffff], { packets: 1, bytes: BigInt(ctx.len) });
});

onExit(() => {
  for (const [[device, from], { packets, bytes }] of sizes.topN(20, ({ bytes }) => bytes))
    console.log(`${device} packets of ${from} bytes and more: ${packets}, together ${bytes} bytes`);
});
