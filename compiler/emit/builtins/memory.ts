import { isLong } from "../../ir/long.js";
import type { Expr } from "../../ir/nodes.js";
import type { IrType } from "../../ir/types.js";
import { printExpr } from "../expression.js";
import { byteSize, declareRoom, endCut, roomAddress } from "../long-values.js";
import type { FunctionPrinter } from "../printer.js";
import type { BuiltinExpr, BuiltinPrinter } from "./printer.js";

interface Reader {
  /** The kernel's helper: less than 0 when the memory cannot be read; of texts the number of bytes, the NUL included. */
  readonly helper: string;
  readonly text: boolean;
}

/** Reads to an address; gives what the helper answered, under a name. A text that fills all of its room may have been cut. */
function read(p: FunctionPrinter, { helper, text }: Reader, target: string, type: IrType, [address]: readonly Expr[]): string {
  const size = byteSize(type);
  const call = `${helper}(${target}, ${size}, (const void *)${printExpr(p, address as Expr)})`;
  const got = p.keep("long", call, "got");
  if (text) p.step(endCut(got, target, size));
  return got;
}

/** Kernel memory: when it cannot be read the run ends. */
function fromKernel(reader: Reader): BuiltinPrinter {
  return {
    print(p, e) {
      const kept = declareRoom(p, e.type, "read", reader.text);
      p.step(`if (${read(p, reader, roomAddress(e.type, kept), e.type, e.arguments)} < 0) ${p.fail(siteOf(e))}`);
      return kept;
    },
    store(p, target, e, record) {
      const got = read(p, reader, `${target}.v`, e.type, e.arguments);
      return `if (${got} < 0) { bpf_ringbuf_discard(${record}, 0); ${p.fail(siteOf(e)).slice(2, -2)} }`;
    },
    discards: true,
  };
}

function siteOf({ site, call }: BuiltinExpr): NonNullable<BuiltinExpr["site"]> {
  if (site === undefined) throw new Error(`${call} without a place to count failures`);
  return site;
}

/** Memory of the process: when it cannot be read there is no value. */
function fromUser(reader: Reader): BuiltinPrinter {
  return {
    print(p, e) {
      const { value: type } = e.type as Extract<IrType, { kind: "optional" }>;
      const result = p.temporary("read");
      const room = isLong(type) ? ` = { .value = { (void *)${p.scratch(byteSize(type))} } }` : reader.text ? " = {}" : "";
      p.step(`${p.program.types.of(e.type)} ${result}${room};`);
      const got = read(p, reader, roomAddress(type, `${result}.value`), type, e.arguments);
      p.step(`${result}.has = ${got} >= 0;`);
      return result;
    },
    store(p, target, e) {
      const { value: type } = e.type as Extract<IrType, { kind: "optional" }>;
      return `${target}.has = ${read(p, reader, `${target}.value.v`, type, e.arguments)} >= 0;`;
    },
    discards: true,
  };
}

export const printStr = fromKernel({ helper: "bpf_probe_read_kernel_str", text: true });
export const printBytes = fromKernel({ helper: "bpf_probe_read_kernel", text: false });
export const printUserStr = fromUser({ helper: "bpf_probe_read_user_str", text: true });
export const printUserBytes = fromUser({ helper: "bpf_probe_read_user", text: false });
