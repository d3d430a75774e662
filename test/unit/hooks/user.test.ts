import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { UsdtTarget, UserFunctionTarget } from "../../../dsl/targets.js";
import type { Hook, HookRefusal, ResolvedHook } from "../../../hooks/hook.js";
import { resolveUsdt } from "../../../hooks/usdt.js";
import { resolveUserFunction } from "../../../hooks/user-function.js";
import { type Machine, machineOf } from "../../../kernel/user/machine.js";
import { buildElf, DATA, DATA_OFFSET, TEXT, TEXT_OFFSET } from "../../fixtures/elf-image.js";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "tsprobe-hooks-")));
afterAll(() => rmSync(folder, { recursive: true }));
const path = (name: string) => join(folder, name);

const SYMBOLS = [
  { name: "serve_request", address: TEXT + 0x10 },
  { name: "serve_file", address: TEXT + 0x20 },
  { name: "fastest", address: TEXT + 0x30, type: 10 },
  { name: "settings", address: DATA + 8, type: 1 },
  { name: "counter", address: DATA + 0x20, type: 1 },
];
const USDT = [
  { provider: "web", name: "request", address: TEXT + 0x14, semaphore: DATA + 2, arguments: "-4@%edi 8@%rsi 8f@%xmm0" },
  { provider: "web", name: "request", address: TEXT + 0x24, semaphore: DATA + 2, arguments: "-4@$7 8@8(%rsp) 8f@%xmm1" },
  { provider: "web", name: "request", address: TEXT + 0x28, semaphore: DATA + 2, arguments: "-4@%edi 8@%rsi 8f@%xmm0" },
  { provider: "web", name: "done", address: TEXT + 0x2c, arguments: "" },
  { provider: "other", name: "done", address: TEXT + 0x2d, arguments: "-4@counter(%rip) 8@gone(%rip) 8@?" },
];
writeFileSync(path("server"), buildElf({ symbols: SYMBOLS, usdt: USDT }));
writeFileSync(path("stripped"), buildElf({ symbols: SYMBOLS.slice(0, 1), stripped: true }));
writeFileSync(path("bare"), buildElf({ stripped: true }));
writeFileSync(path("object.o"), buildElf({ type: 1 }));
writeFileSync(path("server.arm64"), buildElf({ machine: 183, symbols: SYMBOLS, usdt: [{ ...USDT[3], arguments: "-4@[sp, 60] 8@x1" } as never] }));
writeFileSync(path("script"), "#!/usr/bin/env python3\nprint(1)\n");
writeFileSync(path("shell"), "#! /bin/sh -e\n");
writeFileSync(path("libc.so"), "/* GNU ld script */\nGROUP ( /lib/libc.so.6 )\n");
writeFileSync(path("text"), "hello");

const x86 = machineOf("x64") as Machine;
const arm = machineOf("arm64") as Machine;

const functionTarget = (symbol: string | number, more: Partial<UserFunctionTarget> = {}): UserFunctionTarget => ({
  kind: "uprobe",
  file: path("server"),
  symbol,
  offset: 0,
  pid: undefined,
  args: {},
  returns: "u64",
  ...more,
});
const usdtTarget = (provider: string, name: string, more: Partial<UsdtTarget> = {}): UsdtTarget => ({
  kind: "usdt",
  file: path("server"),
  provider,
  name,
  pid: undefined,
  args: {},
  ...more,
});

function hookOf(resolved: ResolvedHook): Hook {
  if ("refusal" in resolved) throw new Error(resolved.refusal.message);
  return resolved.hook;
}

/** What a refusal says, the folder left out. */
function refusalOf(resolved: ResolvedHook): Omit<HookRefusal, "failure"> & { failure?: string } {
  if ("hook" in resolved) throw new Error(`not refused: ${resolved.hook.title}`);
  const { failure, ...rest } = resolved.refusal;
  const plain = JSON.parse(JSON.stringify(rest).replaceAll(`${folder}/`, "")) as HookRefusal;
  return failure === "name" ? plain : { ...plain, failure };
}

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
    const key = (args: UserFunctionTarget["args"]) => hookOf(resolveUserFunction(functionTarget("serve_file", { args }), x86)).context.key;
    expect(key({ a: "u32" })).toBe(key({ a: "u32" }));
    expect(key({ a: "u32" })).not.toBe(key({ a: "s32" }));
    expect(key({ a: "u32" })).toMatch(/^uprobe_serve_file_[\da-f]{8}$/);
  });

  test.each<[string, UserFunctionTarget, unknown]>([
    [
      "a misspelt name",
      functionTarget("serve_requst"),
      { code: "TSP3044", message: "server has no function serve_requst", hints: ["did you mean serve_request?"], culprit: "serve_requst" },
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
    ["data", functionTarget("settings"), { code: "TSP3045", message: "settings in server is data, not a function", hints: [], culprit: "settings" }],
    [
      "a function chosen at start",
      functionTarget("fastest"),
      {
        code: "TSP3045",
        message: "fastest in server is chosen among several when a program starts (IFUNC), and its symbol only leads to what chooses",
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
      { code: "TSP3046", message: "there is no code at 0x3008 in server", hints: ["give an address as `objdump -d` shows it"], culprit: "0x3008" },
    ],
    [
      "an address in no function",
      functionTarget(TEXT + 0x200),
      {
        code: "TSP3047",
        message: "whether an instruction begins at 0x1200 in server cannot be told, as no function is known to be there",
        hints: ["a breakpoint inside an instruction would change the program: name a function, or install the file's debug symbols"],
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
      { code: "TSP3041", message: "script is a script, not a program", hints: ["what runs it is python3: hook that"], culprit: "script" },
    ],
    [
      "a script of an interpreter with options",
      functionTarget("main", { file: path("shell") }),
      { code: "TSP3041", message: "shell is a script, not a program", hints: ["what runs it is /bin/sh: hook that"], culprit: "shell" },
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

describe("probes of programs", () => {
  test("each place, with its semaphore; places with the same arguments share a cookie", () => {
    const hook = hookOf(resolveUsdt(usdtTarget("web", "request", { args: { fd: "s32", size: "auto" } }), x86));
    const place = (offset: number, cookie: bigint) => ({
      offset: BigInt(TEXT_OFFSET + offset),
      cookie,
      semaphore: BigInt(DATA_OFFSET + 2),
    });
    expect(hook.attach).toMatchObject({ kind: "uprobe", places: [place(0x14, 0n), place(0x24, 1n), place(0x28, 0n)] });
    expect(hook.context.fields.map(({ name, type }) => [name, type])).toEqual([
      [
        "fd",
        {
          kind: "located",
          as: { kind: "int", size: 4, signed: true },
          places: [
            { cookies: [0n], size: 4, signed: true, location: { kind: "register", register: 112 } },
            { cookies: [1n], size: 4, signed: true, location: { kind: "constant", value: 7n } },
          ],
        },
      ],
      [
        "size",
        {
          kind: "located",
          as: { kind: "int", size: 8, signed: false },
          places: [
            { cookies: [0n], size: 8, signed: false, location: { kind: "register", register: 104 } },
            {
              cookies: [1n],
              size: 8,
              signed: false,
              location: { kind: "memory", base: 152, index: undefined, scale: 1, displacement: 8n },
            },
          ],
        },
      ],
    ]);
  });

  test("on arm64", () => {
    const target = usdtTarget("web", "done", { file: path("server.arm64"), args: { n: "s32", p: "ptr" } });
    const hook = hookOf(resolveUsdt(target, arm));
    expect(hook.context.fields.map(({ type }) => type)).toMatchObject([
      { places: [{ location: { kind: "memory", base: 248, displacement: 60n } }] },
      { places: [{ location: { kind: "register", register: 8 } }] },
    ]);
  });

  test("what cannot be read is refused where it is used", () => {
    const hook = hookOf(resolveUsdt(usdtTarget("web", "request", { args: { a: "u64", b: "u64", real: "u64" } }), x86));
    expect(hook.context.fields[2]).toMatchObject({
      cType: "8f@%xmm0",
      type: { kind: "unreadable", why: "handlers have no floating-point numbers" },
    });
    const other = hookOf(resolveUsdt(usdtTarget("other", "done", { args: { a: "auto", b: "auto", c: "auto" } }), x86));
    expect(other.context.fields.map(({ type }) => type)).toMatchObject([
      { kind: "located", places: [{ location: { kind: "memory", base: 128, displacement: BigInt(DATA + 0x20 - TEXT - 0x2d) } }] },
      { kind: "unreadable", why: "the variable's symbol was stripped from the file" },
      { kind: "unreadable", why: "this way of saying where it is is not known" },
    ]);
  });

  test.each<[string, UsdtTarget, unknown]>([
    [
      "a misspelt name",
      usdtTarget("web", "reqest"),
      { code: "TSP3048", message: "server has no probe web:reqest", hints: ["did you mean web:request?"], culprit: "reqest" },
    ],
    [
      "another name",
      usdtTarget("db", "query__start"),
      {
        code: "TSP3048",
        message: "server has no probe db:query__start",
        hints: ["it has web:request, web:done, other:done"],
        culprit: "query__start",
      },
    ],
    [
      "a file without probes",
      usdtTarget("web", "request", { file: path("bare") }),
      {
        code: "TSP3048",
        message: "bare has no probe web:request",
        hints: ["it has no probes of its own: hook a function, with uprobe(…)"],
        culprit: "request",
      },
    ],
    [
      "two providers",
      usdtTarget("", "done"),
      { code: "TSP3050", message: "server has several probes done", hints: ["say which: web:done or other:done"], culprit: "done" },
    ],
    [
      "too many arguments",
      usdtTarget("web", "request", { args: { a: "u8", b: "u8", c: "u8", d: "u8" } }),
      { code: "TSP3049", message: "the probe web:request has 3 arguments, and d would be number 4", hints: [], culprit: "d" },
    ],
    [
      "arguments of one that has none",
      usdtTarget("web", "done", { args: { a: "u8" } }),
      { code: "TSP3049", message: "the probe web:done has no arguments, and a would be number 1", hints: [], culprit: "a" },
    ],
  ])("refused: %s", (_, target, refusal) => expect(refusalOf(resolveUsdt(target, x86))).toEqual(refusal));

  test("without a provider, the only one that has it", () => {
    expect(hookOf(resolveUsdt(usdtTarget("", "request"), x86)).title).toBe(`usdt:${path("server")}:web:request`);
  });
});
