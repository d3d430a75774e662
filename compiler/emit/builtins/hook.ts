import type { BuiltinPrinter } from "./printer.js";

/** Only ever printed at the beginning of a handler, where its context is at hand (lower/builtins/hook.ts). */
export const printAttachCookie: BuiltinPrinter = {
  print: (p) => `(__s64)bpf_get_attach_cookie(${p.program.handlerContext.name})`,
};
