// One event per getuid(2) of one process, numbered in the kernel: what arrives and what was lost must add up.
import { event, fn, lruHash, opt, options, pid, tracepoint } from "tsprobe";

const opts = options({ pid: opt.u32({ flag: "--pid <n>", help: "only this process", default: 0 }) });
const calls = lruHash({ key: "u32", value: "u64", max: 16 });
const GETUID = 102n;

const next = fn((who: number) => {
  const number = (calls.get(who) ?? 0n) + 1n;
  calls.set(who, number);
  return number;
});

export const numbered = event({ number: "u64" });

tracepoint("raw_syscalls:sys_enter", (ctx) => {
  if (pid() !== opts.pid || ctx.id !== GETUID) return;
  numbered.emit({ number: next(pid()) });
});

let lost = 0;
numbered.onLost((count) => {
  lost += count;
});
process.on("exit", () => console.error(`onLost said ${lost}`));
