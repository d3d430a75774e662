import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { openBtf } from "../../../kernel/btf.js";
import { declarationOf } from "../../../kernel/c-declaration.js";
import { printAllDeclarations, printDeclarationsFor } from "../../../kernel/declarations.js";
import { readFunction, readRawTracepoint } from "../../../kernel/functions.js";
import { findInModules, joinBtf } from "../../../kernel/module-btf.js";
import { readFunctionSymbols, readKprobeBlacklist, readTraceableFunctions } from "../../../kernel/symbols.js";
import { functionKernel } from "../hooks/function-kernel.js";
import { BtfBuilder } from "./btf-builder.js";

const [INT, PTR, ARRAY, STRUCT, FWD, CONST, FUNC, FUNC_PROTO] = [1, 2, 3, 4, 7, 10, 12, 13];
const folder = mkdtempSync(join(tmpdir(), "tsprobe-functions-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, content: string | Buffer): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

describe("declarations", () => {
  const kernel = functionKernel();

  test("of the functions and raw tracepoints that a script names, and of the structs they point to", () => {
    const functions = ["simple", "plain", "odd", "structs", "nowhere"];
    const request = {
      tracepoints: [],
      structs: [],
      functions,
      rawTracepoints: ["family_event", "nowhere"],
      members: new Set(["mark"]),
    };
    const text = printDeclarationsFor(kernel, request);
    expect(text.slice(text.indexOf("  interface LocalStructs"))).toMatchInlineSnapshot(`
      "  interface LocalStructs {
          "sock": {
            readonly mark: s32;
          };
        }
        interface LocalFunctions {
          "simple": { sk: KernelStruct<"sock">; len: u16; buf: ptr; names: ptr; };
          "plain": { on: boolean; kind: u32; handle: ptr; size: u64; };
          "odd": { arg2: s32; ret: s32; };
          "structs": { one: u64; two: u64; three: u64; four: u64; };
        }
        interface LocalReturns {
          "simple": { ret: s32 };
          "odd": { returned: KernelStruct<"sock"> | null };
          "structs": { ret: s64 };
        }
        interface LocalRawTracepoints {
          "family_event": { on: boolean; sk: KernelStruct<"sock">; };
        }
      }
      "
    `);
  });

  test("of a pattern: what its functions have alike", () => {
    const text = printDeclarationsFor(kernel, {
      tracepoints: [],
      structs: [],
      functions: ["family_*", "none_*"],
      members: new Set(),
    });
    expect(text).toContain('"family_*": { sk: KernelStruct<"sock">; };');
    expect(text).toContain('"family_*": { ret: s32 };');
    expect(text).not.toContain("none_*");
  });

  test("all of a kernel: without the functions that the tracepoint macros make", () => {
    const text = printAllDeclarations(kernel, "Snapshot");
    expect(text).toContain("interface SnapshotFunctions {");
    expect(text).toContain("interface SnapshotRawTracepoints {");
    expect(text).toContain('"many": {');
    expect(text).not.toContain("__traceiter_");
  });
});

test("C types read as in the kernel's source", () => {
  const b = new BtfBuilder();
  const char = b.add(INT, "char", 1, { rest: [(1 << 24) | 8] });
  const sock = b.add(STRUCT, "sock", 4);
  const fixed = b.add(CONST, "", sock);
  const pointer = b.add(PTR, "", fixed);
  const ids = [
    pointer,
    b.add(CONST, "", pointer),
    b.add(PTR, "", b.add(PTR, "", char)),
    b.add(PTR, "", b.add(FUNC_PROTO, "", char)),
    b.add(ARRAY, "", 0, { rest: [char, char, 16] }),
    b.add(PTR, "", b.add(FWD, "elsewhere", 0)),
    b.add(PTR, "", 0),
  ];
  const btf = openBtf(b.bytes());
  expect(ids.map((id) => declarationOf(btf, id))).toEqual([
    "const struct sock *",
    "const struct sock * const",
    "char **",
    "char (*)(…)",
    "char[16]",
    "struct elsewhere *",
    "void *",
  ]);
});

describe("modules", () => {
  const base = new BtfBuilder();
  const int = base.add(INT, "int", 4, { rest: [(1 << 24) | 32] });
  const sock = base.add(STRUCT, "sock", 4);
  const kernel = base.bytes();

  /** A module's BTF goes on where the kernel's ends: types and strings are numbered on. */
  function moduleBtf(): Buffer {
    const whole = new BtfBuilder();
    whole.add(INT, "int", 4, { rest: [(1 << 24) | 32] });
    whole.add(STRUCT, "sock", 4);
    const before = whole.bytes();
    const pointer = whole.add(PTR, "", sock);
    const proto = whole.add(FUNC_PROTO, "", int, { vlen: 1, rest: [whole.string("sk"), pointer] });
    whole.add(FUNC, "module_function", proto);
    const after = whole.bytes();
    const [types, strings] = [before.readUInt32LE(12), before.readUInt32LE(20)];
    const [allTypes, allStrings] = [after.readUInt32LE(12), after.readUInt32LE(20)];
    const header = Buffer.from(after.subarray(0, 24));
    header.writeUInt32LE(allTypes - types, 12);
    header.writeUInt32LE(allTypes - types, 16);
    header.writeUInt32LE(allStrings - strings, 20);
    return Buffer.concat([header, after.subarray(24 + types, 24 + allTypes), after.subarray(24 + allTypes + strings)]);
  }

  test("are read together with the kernel's types", () => {
    const found = readFunction(openBtf(joinBtf(kernel, moduleBtf())), "module_function", "net_module");
    expect(found).toMatchObject({
      name: "module_function",
      id: undefined,
      module: "net_module",
      args: [{ name: "sk", cType: "struct sock *", type: { kind: "structPointer", struct: "sock" } }],
      returns: { type: { kind: "int", size: 4, signed: true } },
    });
  });

  test("are looked through for a name, and only those opened that have it", () => {
    const modules = join(folder, "btf");
    mkdirSync(modules);
    writeFileSync(join(modules, "vmlinux"), kernel);
    writeFileSync(join(modules, "other"), Buffer.from("no BTF at all"));
    writeFileSync(join(modules, "broken"), Buffer.from("\0module_function\0"));
    writeFileSync(join(modules, "net_module"), moduleBtf());
    expect([...findInModules("module_function", modules)].map(({ module }) => module)).toEqual(["net_module"]);
    expect([...findInModules("module_func", modules)]).toEqual([]);
    expect([...findInModules("module_function", join(folder, "nowhere"))]).toEqual([]);
  });

  test("a raw tracepoint that nobody has is undefined", () => {
    expect(readRawTracepoint(openBtf(kernel), "sched_switch")).toBeUndefined();
  });
});

describe("names of functions", () => {
  test("from kallsyms: what is code, with or without a module", () => {
    const path = write(
      "kallsyms",
      "0000000000000000 T vfs_read\nffffffff81000000 t static_one.isra.0\n0000000000000000 D some_data\n0000000000000000 W weak_one\nffffffffc0000000 t in_module\t[net_module]\n",
    );
    expect([...readFunctionSymbols(path)]).toEqual(["vfs_read", "static_one.isra.0", "weak_one", "in_module"]);
    expect(readFunctionSymbols(join(folder, "nowhere")).size).toBe(0);
  });

  test("from the function tracer and from the list of those closed to kprobes", () => {
    write("available_filter_functions", "vfs_read\nin_module [net_module]\n__ftrace_invalid_address___64\nvfs_read\n");
    expect([...(readTraceableFunctions(folder) ?? [])]).toEqual(["vfs_read", "in_module"]);
    expect(readTraceableFunctions(join(folder, "nowhere"))).toBeUndefined();
    const path = write("blacklist", "0xffffffff81001000-0xffffffff81001010\tasm_exc_divide_error\n");
    expect([...readKprobeBlacklist(path)]).toEqual(["asm_exc_divide_error"]);
  });
});
