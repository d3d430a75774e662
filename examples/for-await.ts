/**
 * A stream is an async iterable: this script takes a number of connections, says who opened how many, and ends by itself.
 */
import { comm, opt, options, tracepoint } from "tsprobe";
import { IPPROTO_TCP, TCP_SYN_SENT } from "tsprobe/kernel";

const opts = options({
  count: opt.u32({ flag: "-n, --count <n>", help: "how many connections to wait for", default: 10 }),
  port: opt.u16({ flag: "-p, --port <port>", help: "only connections to this port" }),
});

const connects = tracepoint("sock:inet_sock_set_state", (ctx) => {
  if (ctx.protocol !== IPPROTO_TCP || ctx.newstate !== TCP_SYN_SENT) return;
  const port = opts.port; // undefined when the flag is not given
  if (port !== undefined && ctx.dport !== port) return;
  return { comm: comm() };
});

const byProgram = new Map<string, number>();
let seen = 0;
for await (const { comm } of connects) {
  byProgram.set(comm, (byProgram.get(comm) ?? 0) + 1);
  if (++seen >= opts.count) break;
}
for (const [program, count] of byProgram) console.log(`${program} opened ${count}`);
