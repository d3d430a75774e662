/**
 * Records and tuples as keys and values, added to atomically: how many packets of which size each network device has received.
 * The host part reads the map when it wants to, here at the end.
 */
import { hash, onExit, opt, options, tracepoint } from "tsprobe";

const opts = options({ least: opt.u32({ flag: "--least <bytes>", help: "only packets of at least this size", default: 0 }) });
const sizes = hash({ key: ["comm", "u32"], value: { packets: "u32", bytes: "u64" }, max: 4096 });

tracepoint("net:netif_rx", (ctx) => {
  if (ctx.len < opts.least) return;
  // The power of two that the size reaches.
  let reached = 1;
  for (let i = 0; i < 20; i++) if (ctx.len >= reached * 2) reached *= 2;
  sizes.add([ctx.name, reached], { packets: 1, bytes: BigInt(ctx.len) });
});

onExit(() => {
  for (const [[device, from], { packets, bytes }] of sizes.topN(20, (size) => size.bytes))
    console.log(`${device}: ${packets} packets of ${from} bytes and more, together ${bytes} bytes`);
});
