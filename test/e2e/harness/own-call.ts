import { NativeLibrary } from "../../../runtime/ffi/library.js";

/** A number no system call has on any architecture, and no other process uses: the kernel answers ENOSYS whatever the arguments are. */
const NUMBER = 7_000_000n + BigInt(process.pid % 1_000_000);

const call = NativeLibrary.open("").bind("syscall", {
  parameters: ["i64", "i64", "i64", "i64", "i64", "i64", "i64"],
  result: "i64",
});

/** Makes the system call that `onOwnCall` sees, from this thread. */
export function ownCall(...args: readonly bigint[]): void {
  const [a = 0n, b = 0n, c = 0n, d = 0n, e = 0n, f = 0n] = args;
  call(NUMBER, a, b, c, d, e, f);
}

/**
 * A script whose handler runs for our calls only.
 * @param body statements of the handler: `ctx.args` has the arguments
 * @param host what stands before the probe; "tsprobe" is imported as t, and what `names` lists
 */
export function onOwnCall(names: string, body: string, host = ""): string {
  return `import * as t from "tsprobe";
import { tracepoint, ${names} } from "tsprobe";
${host}
const ID = ${NUMBER}n;
export const seen = tracepoint("raw_syscalls:sys_enter", (ctx) => {
  if (ctx.id !== ID) return;
${body}
});`;
}
