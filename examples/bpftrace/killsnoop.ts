/** Signals that processes send with kill(2), and whether they could. */
import { comm, pid, stash, table, tid, tracepoint } from "tsprobe";
import { errnoName, signalName } from "tsprobe/kernel";

const calls = stash({ key: "u32", value: { target: "s32", signal: "u32" } });

tracepoint("syscalls:sys_enter_kill", (ctx) => calls.put(tid(), { target: ctx.pid, signal: ctx.sig }));

export const signals = tracepoint("syscalls:sys_exit_kill", ({ ret }) => {
  const call = calls.take(tid());
  if (call === undefined) return;
  return { pid: pid(), comm: comm(), signal: signalName(call.signal), target: call.target, result: errnoName(Number(-ret)) };
});

table(signals, ["pid", "comm", "signal", "target", "result"]);
