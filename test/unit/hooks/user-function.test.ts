import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { UserFunctionTarget } from "../../../dsl/targets.js";
import { resolveUserFunction } from "../../../hooks/user-function.js";
import { buildElf, DATA, TEXT, TEXT_OFFSET } from "../../fixtures/elf-image.js";
import { arm, folder, functionTarget, hookOf, path, refusalOf, x86 } from "./user-files.js";

describe("functions", () => {
  test("a symbol: its place in the file, its arguments in registers and on the stack", () => {
    const args = { a: "s32", b: "ptr", c: "u8", d: "bool", e: "u64", f: "u16", g: "s16", h: "ptr" } as const;
    const hook = hookOf(resolveUserFunction(functionTarget("serve_file", { args }), x86));
    expect(hook.attach).toEqual({
      kind: "uprobe",
      path: path("server"),
      returns: false,
      pid: undefined,
      places: [{ offset: BigInt(TEXT_OFFSET + 0x20), cookie: 0n, semaphore: 0n }],
    });
    expect(hook.section).toBe("uprobe");
    expect(hook.title).toBe(`uprobe:${path("server")}:serve_file`);
    const registers = hook.context.fields.slice(0, 6).map(({ name, offset, type }) => [name, offset, type]);
    expect(registers).toEqual([
      ["a", 112, { kind: "int", size: 4, signed: true }],
      ["b", 104, { kind: "pointer" }],
      ["c", 96, { kind: "int", size: 1, signed: false }],
      ["d", 88, { kind: "bool" }],
      ["e", 72, { kind: "int", size: 8, signed: false }],
      ["f", 64, { kind: "int", size: 2, signed: false }],
    ]);
    const onStack = (displacement: bigint) => ({ kind: "memory", base: 152, index: undefined, scale: 1, displacement });
    expect(hook.context.fields.slice(6).map(({ type }) => type)).toEqual([
      {
        kind: "located",
        as: { kind: "int", size: 2, signed: true },
        places: [{ cookies: [0n], size: 2, signed: true, location: onStack(8n) }],
      },
      { kind: "located", as: { kind: "pointer" }, places: [{ cookies: [0n], size: 8, signed: false, location: onStack(16n) }] },
    ]);
  });

  test("on arm64", () => {
    const args = Object.fromEntries("abcdefghi".split("").map((name) => [name, "u64" as const]));
    const hook = hookOf(resolveUserFunction(functionTarget("serve_file", { file: path("server.arm64"), args }), arm));
    expect(hook.context.fields.map(({ offset }) => offset)).toEqual([0, 8, 16, 24, 32, 40, 48, 56, 0]);
    expect(hook.context.fields.at(-1)?.type).toMatchObject({ places: [{ location: { base: 248, displacement: 0n } }] });
  });

  test("results", () => {
    const target = functionTarget("serve_file", { kind: "uretprobe", returns: "s16" });
    const hook = hookOf(resolveUserFunction(target, x86));
    expect(hook.section).toBe("uretprobe");
    expect(hook.attach).toMatchObject({ kind: "uprobe", returns: true });
    expect(hook.context.fields).toMatchObject([{ name: "ret", offset: 80, type: { kind: "int", size: 2, signed: true } }]);
  });

  test("equal contexts have equal keys, different ones different keys", () => {
    const key = (args: UserFunctionTarget["args"]) =>
      hookOf(resolveUserFunction(functionTarget("serve_file", { args }), x86)).context.key;
    expect(key({ a: "u32" })).toBe(key({ a: "u32" }));
    expect(key({ a: "u32" })).not.toBe(key({ a: "s32" }));
    expect(key({ a: "u32" })).toMatch(/^uprobe_serve_file_[\da-f]{8}$/);
  });

  test.each<[string, UserFunctionTarget, unknown]>([
    [
      "a misspelt name",
      functionTarget("serve_requst"),
      {
        code: "TSP3044",
        message: "server has no function serve_requst",
        hints: ["did you mean serve_request?"],
        culprit: "serve_requst",
      },
    ],
    [
      "another name",
      functionTarget("accept"),
      { code: "TSP3044", message: "server has no function accept", hints: ["see what it has: `nm server`"], culprit: "accept" },
    ],
    [
      "a stripped file",
      functionTarget("serve_requests", { file: path("stripped") }),
      {
        code: "TSP3044",
        message: "stripped has no function serve_requests",
        hints: [
          "did you mean serve_request?",
          "it is stripped, so only functions that it exports have names: give an address, or install its debug symbols",
        ],
        culprit: "serve_requests",
      },
    ],
    [
      "a file without any name",
      functionTarget("main", { file: path("bare") }),
      {
        code: "TSP3044",
        message: "bare has no function main",
        hints: ["it is stripped, so its functions have no names: give an address, or install its debug symbols"],
        culprit: "main",
      },
    ],
    [
      "data",
      functionTarget("settings"),
      { code: "TSP3045", message: "settings in server is data, not a function", hints: [], culprit: "settings" },
    ],
    [
      "a function chosen at start",
      functionTarget("fastest"),
      {
        code: "TSP3045",
        message:
          "fastest in server is chosen among several when a program starts (IFUNC), and its symbol only leads to what chooses",
        hints: ["hook the function that is chosen: its name begins with __fastest_ and is in the debug symbols"],
        culprit: "fastest",
      },
    ],
    [
      "an address in no segment",
      functionTarget(0x9000),
      {
        code: "TSP3046",
        message: "there is no code at 0x9000 in server",
        hints: ["give an address as `objdump -d` shows it"],
        culprit: "0x9000",
      },
    ],
    [
      "an address of data",
      functionTarget(DATA + 8),
      {
        code: "TSP3046",
        message: "there is no code at 0x3008 in server",
        hints: ["give an address as `objdump -d` shows it"],
        culprit: "0x3008",
      },
    ],
    [
      "an address in no function",
      functionTarget(TEXT + 0x200),
      {
        code: "TSP3047",
        message: "whether an instruction begins at 0x1200 in server cannot be told, as no function is known to be there",
        hints: [
          "a breakpoint inside an instruction would change the program: name a function, or install the file's debug symbols",
        ],
        culprit: "0x1200",
      },
    ],
    [
      "inside an instruction", // the bytes are 0: add %al,(%rax), of two bytes
      functionTarget("serve_file", { offset: 3 }),
      {
        code: "TSP3047",
        message: "no instruction begins at 0x1023 in server",
        hints: ["see where they begin: `objdump -d`"],
        culprit: "serve_file",
      },
    ],
    [
      "behind the function's end",
      functionTarget("serve_file", { offset: 16 }),
      { code: "TSP3046", message: "serve_file has 16 bytes, and 16 is behind its end", hints: [], culprit: "16" },
    ],
    [
      "no such file",
      functionTarget("main", { file: "./missing" }),
      {
        code: "TSP3040",
        message: "there is no file ./missing",
        hints: ["paths are relative to the directory tsprobe is started in"],
        culprit: "./missing",
      },
    ],
    [
      "no such library",
      functionTarget("main", { file: "libtsprobe-missing" }),
      {
        code: "TSP3040",
        message: "the library libtsprobe-missing is not installed",
        hints: ["see what is: `ldconfig -p`; or give its path"],
        culprit: "libtsprobe-missing",
      },
    ],
    [
      "no such program",
      functionTarget("main", { file: "tsprobe-missing" }),
      {
        code: "TSP3040",
        message: "there is no program tsprobe-missing in the PATH",
        hints: ["give its path, such as ./server"],
        culprit: "tsprobe-missing",
      },
    ],
    [
      "a script",
      functionTarget("main", { file: path("script") }),
      {
        code: "TSP3041",
        message: "script is a script, not a program",
        hints: ["what runs it is python3: hook that"],
        culprit: "script",
      },
    ],
    [
      "a script of an interpreter with options",
      functionTarget("main", { file: path("shell") }),
      {
        code: "TSP3041",
        message: "shell is a script, not a program",
        hints: ["what runs it is /bin/sh: hook that"],
        culprit: "shell",
      },
    ],
    [
      "a text for the linker",
      functionTarget("main", { file: path("libc.so") }),
      {
        code: "TSP3041",
        message: "libc.so is not a program or library: not an ELF file",
        hints: ["it is a text for the linker: name the library itself, such as libc.so.6"],
        culprit: "libc.so",
      },
    ],
    [
      "another file",
      functionTarget("main", { file: path("text") }),
      { code: "TSP3041", message: "text is not a program or library: not an ELF file", hints: [], culprit: "text" },
    ],
    [
      "an object file",
      functionTarget("main", { file: path("object.o") }),
      {
        code: "TSP3041",
        message: "object.o is an object file, which only the linker reads",
        hints: ["name the program or library that was made of it"],
        culprit: "object.o",
      },
    ],
    [
      "another architecture",
      functionTarget("main", { file: path("server.arm64") }),
      { code: "TSP3042", message: "server.arm64 is for arm64, and this machine is x86-64", hints: [], culprit: "server.arm64" },
    ],
    [
      "no such process",
      functionTarget("serve_file", { pid: 2 ** 30 }),
      {
        code: "TSP3052",
        message: "there is no process 1073741824",
        hints: ["leave pid out to trace every process, also those that start later"],
        culprit: "1073741824",
      },
    ],
  ])("refused: %s", (_, target, refusal) => expect(refusalOf(resolveUserFunction(target, x86))).toEqual(refusal));

  test("refused: what is no file, and what may not be read", () => {
    const resolved = () => refusalOf(resolveUserFunction(functionTarget("main", { file: path("secret") }), x86));
    mkdirSync(path("secret"));
    expect(resolved()).toEqual({
      code: "TSP3041",
      message: "secret is not a program or library: not a regular file",
      hints: [],
      culprit: "secret",
    });
    rmSync(path("secret"), { recursive: true });
    writeFileSync(path("secret"), buildElf(), { mode: 0 });
    chmodSync(folder, 0o755);
    // Root may read all.
    const asRoot = process.geteuid?.() === 0;
    if (asRoot) process.seteuid?.(65_534);
    try {
      expect(resolved()).toEqual({
        code: "TSP3043",
        message: "secret cannot be read (EACCES)",
        hints: ["run tsprobe with sudo"],
        failure: "permission",
        culprit: "secret",
      });
    } finally {
      if (asRoot) process.seteuid?.(0);
    }
  });

  test("places behind the first instruction, and addresses", () => {
    const offsetOf = (target: UserFunctionTarget) => {
      const { attach } = hookOf(resolveUserFunction(target, x86));
      return attach.kind === "uprobe" ? attach.places.map(({ offset }) => Number(offset) - TEXT_OFFSET) : [];
    };
    expect(offsetOf(functionTarget("serve_file", { offset: 4 }))).toEqual([0x24]);
    expect(offsetOf(functionTarget(TEXT + 0x20))).toEqual([0x20]);
    expect(offsetOf(functionTarget(TEXT + 0x22, { offset: 2 }))).toEqual([0x24]);
  });
});
