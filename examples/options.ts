/**
 * A script's own flags: they show in `tsprobe run examples/options.ts --help`, and handlers use their values.
 * In the kernel they are constants set when the program is loaded, so what a flag filters out costs next to nothing.
 */
import { comm, opt, options, table, tracepoint } from "tsprobe";
import { IPPROTO_TCP, TCP_CLOSE, TCP_SYN_SENT } from "tsprobe/kernel";

export const opts = options({
  ports: opt.u16Set({ flag: "-p, --ports <list>", help: "only connections to these ports, such as 80,443 or 8000-8010" }),
  least: opt.u16({ flag: "--least <port>", help: "only ports from this one on", default: 1 }),
  closes: opt.flag({ flag: "-c, --closes", help: "show ends as well" }),
});

export const connections = tracepoint("sock:inet_sock_set_state", (ctx) => {
  if (ctx.protocol !== IPPROTO_TCP || ctx.dport < opts.least) return;
  if (opts.ports.size > 0 && !opts.ports.has(ctx.dport)) return;
  if (ctx.newstate === TCP_SYN_SENT) return { what: "open", comm: comm(), port: ctx.dport } as const;
  if (opts.closes && ctx.newstate === TCP_CLOSE) return { what: "close", comm: comm(), port: ctx.dport } as const;
});

table(connections, ["what", "comm", "port"]);
