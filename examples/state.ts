/**
 * State between events: how long opening a connection takes, from the first packet to its answer.
 * A map keeps what one run of the handler leaves for a later one. A missing key is `undefined`, which must be tested before use.
 */
import { ip, ktimeNs, lruHash, table, tracepoint } from "tsprobe";
import { AF_INET, IPPROTO_TCP, TCP_ESTABLISHED, TCP_SYN_SENT } from "tsprobe/kernel";

const asked = lruHash({ key: "ptr", value: "u64" });

export const answers = tracepoint("sock:inet_sock_set_state", (ctx) => {
  if (ctx.protocol !== IPPROTO_TCP) return;
  if (ctx.newstate === TCP_SYN_SENT) {
    asked.set(ctx.skaddr, ktimeNs());
    return;
  }
  const start = asked.get(ctx.skaddr);
  if (start === undefined) return;
  asked.delete(ctx.skaddr);
  return {
    to: ctx.family === AF_INET ? ip(ctx.daddr) : ip(ctx.daddr_v6),
    port: ctx.dport,
    answered: ctx.newstate === TCP_ESTABLISHED,
    us: (ktimeNs() - start) / 1000n,
  };
});

table(answers, ["to", "port", "answered", "us"]);
