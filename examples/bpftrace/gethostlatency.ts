/** How long programs wait for host names: calls of libc's getaddrinfo, with the name they ask for. */
import { comm, ktimeNs, pid, stash, table, tid, uprobe, uretprobe, userStr } from "tsprobe";

const calls = stash({ key: "u32", value: { host: "str64", start: "u64" } });

uprobe("libc", "getaddrinfo", { args: { node: "ptr" } }, ({ node }) =>
  calls.put(tid(), { host: userStr(node, 64) ?? "(not readable)", start: ktimeNs() }),
);

export const lookups = uretprobe("libc", "getaddrinfo", { returns: "s32" }, ({ ret }) => {
  const call = calls.take(tid());
  if (call === undefined) return;
  return { pid: pid(), comm: comm(), host: call.host, us: (ktimeNs() - call.start) / 1000n, ok: ret === 0 };
});

table(lookups, ["pid", "comm", { LATms: { value: (e) => Number(e.us) / 1000, decimals: 3 } }, "ok", "host"]);
