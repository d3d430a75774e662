import { describe, expect, it } from "vitest";
import { openBtf } from "../../../kernel/btf.js";
import { printAllDeclarations, printDeclarationsFor } from "../../../kernel/declarations.js";
import type { KernelInfo } from "../../../kernel/info.js";
import { fixtureKernel } from "../../fixtures/kernel.js";
import { BtfBuilder } from "./btf-builder.js";

const [INT, PTR, ARRAY, STRUCT, UNION, ENUM, FWD, TYPEDEF, FUNC_PROTO, FLOAT] = [1, 2, 3, 4, 5, 6, 7, 8, 13, 16];

/** The saved tracepoints, with a small BTF that has a member of every sort. */
function kernelWithTypes(): KernelInfo {
  const b = new BtfBuilder();
  const s = (text: string): number => b.string(text);
  const integer = (name: string, size: number, encoding: number): number =>
    b.add(INT, name, size, { rest: [(encoding << 24) | (size * 8)] });
  const int = integer("int", 4, 1);
  const u64 = integer("unsigned long", 8, 0);
  const u8 = b.add(TYPEDEF, "u8", integer("unsigned char", 1, 0));
  const char = integer("char", 1, 0);
  const bool = integer("_Bool", 1, 4);
  const wide = integer("unsigned __int128", 16, 0);
  const array = (element: number, count: number): number => b.add(ARRAY, "", 0, { rest: [element, int, count] });
  const color = b.add(ENUM, "color", 4, { vlen: 1, rest: [s("RED"), 0] });
  const counter = b.add(TYPEDEF, "atomic_t", b.add(STRUCT, "", 4, { vlen: 1, rest: [s("counter"), int, 0] }));
  const net = b.add(STRUCT, "net", 8, { vlen: 2, rest: [s("inum"), int, 0, s("hidden"), int, 32] });
  const struct = (name: string, members: readonly (readonly [string, number])[]): number =>
    b.add(STRUCT, name, 8 * members.length, {
      vlen: members.length,
      rest: members.flatMap(([member, type], at) => [s(member), type, at * 64]),
    });
  const anonymous = b.add(UNION, "", 8, { vlen: 2, rest: [s("port"), int, 0, s("addr"), u64, 0] });
  struct("everything", [
    ["signed32", int],
    ["unsigned64", u64],
    ["yes", bool],
    ["enumerated", color],
    ["text", array(char, 16)],
    ["bytes", array(u8, 4)],
    ["numbers", array(u64, 3)],
    ["table", array(net, 2)],
    ["addresses", array(b.add(PTR, "", 0), 2)],
    ["flexible", array(u8, 0)],
    ["embedded", net],
    ["pointer", b.add(PTR, "", b.add(10, "", net))],
    ["atomic", counter],
    ["atomicPointer", b.add(PTR, "", counter)],
    ["nowhere", b.add(PTR, "", b.add(FWD, "elsewhere", 0))],
    ["callback", b.add(PTR, "", b.add(FUNC_PROTO, "", 0))],
    ["twice", b.add(PTR, "", b.add(PTR, "", net))],
    ["", anonymous],
    ["inner", b.add(STRUCT, "", 4, { vlen: 1, rest: [s("len"), int, 0] })],
    ["huge", wide],
    ["real", b.add(FLOAT, "double", 8)],
  ]);
  const btf = openBtf(b.bytes());
  return fixtureKernel({ btf: () => btf });
}

const STRUCT_TEXT = `    "everything": {
      readonly signed32: s32;
      readonly unsigned64: u64;
      readonly yes: boolean;
      readonly enumerated: u32;
      readonly text: string;
      readonly bytes: Bytes<4>;
      readonly numbers: Ints<u64>;
      readonly table: { readonly length: 2; readonly [index: number]: KernelStruct<"net"> };
      readonly addresses: Ints<ptr>;
      readonly flexible: { readonly [index: number]: u8 };
      readonly embedded: KernelStruct<"net">;
      readonly pointer: KernelStruct<"net"> | null;
      readonly atomic: KernelStruct<"atomic_t">;
      readonly atomicPointer: KernelStruct<"atomic_t"> | null;
      readonly nowhere: ptr;
      readonly callback: ptr;
      readonly twice: ptr;
      readonly port: s32;
      readonly addr: u64;
      readonly inner: { readonly len: s32; };
    };
`;

describe("printAllDeclarations", () => {
  const text = printAllDeclarations(kernelWithTypes());

  it("gives each member its TypeScript type, and leaves out what cannot be read", () => {
    expect(text).toContain(STRUCT_TEXT);
  });

  it("has an entry for each name that members refer to", () => {
    for (const [, name] of text.matchAll(/KernelStruct<"([^"]+)">/g)) expect(text).toContain(`\n    "${name}": {\n`);
    expect(text).toContain('"atomic_t": {\n      readonly counter: s32;\n    };');
  });

  it("has every tracepoint", () => {
    for (const name of fixtureKernel().tracepointNames()) expect(text).toContain(`    "${name}": {\n`);
  });

  it("is a module that adds to tsprobe", () => {
    expect(text).toMatch(
      /^\/\/ Tracepoints, functions and structs of Linux 6\.18\.44, .*\nimport type \{ .* \} from "tsprobe";\n\ndeclare module "tsprobe" \{\n {2}interface LocalTracepoints \{/,
    );
    const snapshot = printAllDeclarations(kernelWithTypes(), "Snapshot");
    expect(snapshot).toContain("  interface SnapshotTracepoints {");
    expect(snapshot).toContain("  interface SnapshotStructs {");
    expect(snapshot).not.toContain("Local");
  });
});

describe("printDeclarationsFor", () => {
  const noMembers = new Set<string>();

  it("prints the fields of a tracepoint with their C types", () => {
    const text = printDeclarationsFor(fixtureKernel(), {
      tracepoints: ["sock:inet_sock_set_state"],
      structs: [],
      members: noMembers,
    });
    expect(text).toContain(`    "sock:inet_sock_set_state": {
      /** const void *, offset 8 */
      readonly skaddr: ptr;
      /** int, offset 16 */
      readonly oldstate: s32;
      /** int, offset 20 */
      readonly newstate: s32;
      /** __u16, offset 24 */
      readonly sport: u16;
`);
    expect(text).toContain("      /** __u8[16], offset 40 */\n      readonly saddr_v6: Bytes<16>;\n");
    expect(text).not.toContain("tcp_probe");
  });

  it("prints text fields as strings and long arrays as integers", () => {
    const text = printDeclarationsFor(fixtureKernel(), {
      tracepoints: ["net:net_dev_queue", "sched:sched_switch", "raw_syscalls:sys_enter"],
      structs: [],
      members: noMembers,
    });
    expect(text).toContain("/** __data_loc char[], offset 20 */\n      readonly name: string;");
    expect(text).toContain("readonly prev_comm: string;");
    expect(text).toContain("readonly args: Ints<u64>;");
  });

  it("opens no BTF when no struct is named", () => {
    const kernel: KernelInfo = {
      ...fixtureKernel(),
      btf: () => {
        throw new Error("BTF was opened");
      },
    };
    expect(printDeclarationsFor(kernel, { tracepoints: ["tcp:tcp_probe"], structs: [], members: noMembers })).toContain(
      "tcp:tcp_probe",
    );
  });

  it("follows only the members that the script mentions", () => {
    const text = printDeclarationsFor(kernelWithTypes(), {
      tracepoints: [],
      structs: ["everything"],
      members: new Set(["pointer", "inum", "inner", "port"]),
    });
    expect(text).toContain(`  interface LocalStructs {
    "everything": {
      readonly pointer: KernelStruct<"net"> | null;
      readonly port: s32;
      readonly inner: { };
    };
    "net": {
      readonly inum: s32;
    };
  }
`);
  });

  it("leaves out names that the kernel does not have", () => {
    const text = printDeclarationsFor(kernelWithTypes(), {
      tracepoints: ["no:such"],
      structs: ["elsewhere", "nothing"],
      members: noMembers,
    });
    expect(text).toContain("  interface LocalTracepoints {\n  }\n  interface LocalStructs {\n  }\n");
  });
});
