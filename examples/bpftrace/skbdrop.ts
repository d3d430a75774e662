/** Packets that the kernel drops: why, and where, counted; packets without a socket included. */
import { count, enumName, enumValue, ksym, onExit, print, tracepoint } from "tsprobe";

export const drops = count().by({ reason: "u32", at: "ptr" });
export const reasons = tracepoint("skb:kfree_skb", ({ reason, location }) => {
  if (reason === enumValue("skb_drop_reason", "SKB_NOT_DROPPED_YET") || reason === enumValue("skb_drop_reason", "SKB_CONSUMED"))
    return;
  drops.add({ reason, at: location });
  return { reason: enumName("skb_drop_reason", reason), at: ksym(location) };
});
onExit(() => print(drops, { top: 10 }));
