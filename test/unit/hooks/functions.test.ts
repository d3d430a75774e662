import { describe, expect, test } from "vitest";
import type { HookTarget } from "../../../dsl/targets.js";
import type { Hook, HookRefusal } from "../../../hooks/hook.js";
import { resolveHook } from "../../../hooks/index.js";
import type { Abilities } from "../../../kernel/abilities.js";
import { functionKernel } from "./function-kernel.js";

const no = (reason: string) => () => ({ ok: false as const, reason });
const NO_TRACING = { tracing: no("programs of type TRACING are refused (EPERM)") };
const NO_KPROBES = { kprobes: no("this kernel has no kprobes") };

function hookOf(target: HookTarget, abilities?: Partial<Abilities>): Hook {
  const resolved = resolveHook(target, functionKernel(abilities));
  if ("refusal" in resolved) throw new Error(resolved.refusal.message);
  return resolved.hook;
}

function refusalOf(target: HookTarget, abilities?: Partial<Abilities>): HookRefusal {
  const resolved = resolveHook(target, functionKernel(abilities));
  if ("hook" in resolved) throw new Error(`${resolved.hook.title} was not refused`);
  return resolved.refusal;
}

const kprobe = (name: string, offset?: number): HookTarget => ({ kind: "kprobe", name, offset });
const places = ({ context }: Hook) => context.fields.map(({ name, offset, type }) => [name, offset, type.kind]);
const loads = ({ context }: Hook) => Object.fromEntries(context.fields.map(({ name, load }) => [name, load]));
const unreadable = ({ context }: Hook) =>
  context.fields.flatMap(({ name, type }) => (type.kind === "unreadable" ? [[name, type.why]] : []));

describe("fentry and fexit", () => {
  test("arguments are words, in order; pointers to structs become numbers, and those that nobody may load are copied", () => {
    const hook = hookOf({ kind: "fentry", name: "simple" });
    expect(hook).toMatchObject({ section: "fentry/simple", attach: { kind: "tracing" }, title: "fentry:simple" });
    expect(hook.context.fields).toEqual([
      {
        name: "sk",
        cType: "const struct sock *",
        offset: 0,
        size: 8,
        type: { kind: "structPointer", struct: "sock" },
        load: "number",
      },
      { name: "len", cType: "unsigned short", offset: 8, size: 8, type: { kind: "int", size: 2, signed: false } },
      { name: "buf", cType: "char *", offset: 16, size: 8, type: { kind: "pointer" } },
      { name: "names", cType: "char **", offset: 24, size: 8, type: { kind: "pointer" }, load: "copy" },
    ]);
  });

  test("fexit has what is returned behind them; a function that returns nothing has none", () => {
    expect(places(hookOf({ kind: "fexit", name: "simple" })).at(-1)).toEqual(["ret", 32, "int"]);
    expect(places(hookOf({ kind: "fexit", name: "plain" }))).toEqual([
      ["on", 0, "bool"],
      ["kind", 8, "int"],
      ["handle", 16, "pointer"],
      ["size", 24, "int"],
    ]);
  });

  test("a struct passed by value takes as many words as it has", () => {
    const hook = hookOf({ kind: "fexit", name: "structs" });
    expect(places(hook).map(([name, offset]) => [name, offset])).toEqual([
      ["one", 0],
      ["both", 8],
      ["two", 24],
      ["big", 32],
      ["three", 56],
      ["four", 64],
      ["ret", 72],
    ]);
    expect(unreadable(hook)).toEqual([
      ["both", "it is a struct passed by value"],
      ["big", "it is a struct of 24 bytes passed by value"],
    ]);
  });

  test("a parameter called ret keeps its name; what is returned is `returned`; nameless ones are numbered", () => {
    const hook = hookOf({ kind: "fexit", name: "odd" });
    expect(hook.context.fields.map(({ name }) => name)).toEqual(["wide", "real", "arg2", "ret", "arg4", "returned"]);
    expect(unreadable(hook)).toEqual([
      ["wide", "it is an integer of 128 bits"],
      ["real", "it is a floating-point number"],
      ["arg4", "it is a variable number of arguments"],
    ]);
    expect(loads(hook).returned).toBe("number");
  });

  test.each([
    [
      "nothing else works either",
      { ...NO_TRACING, ...NO_KPROBES },
      "kprobe does not work here either (this kernel has no kprobes); raw tracepoints and tracepoints do; those of family are family_event",
    ],
    ["kprobes work", NO_TRACING, 'kprobe("family_one", …) works here, with the same arguments'],
  ])("refused where TRACING programs are: %s", (_, abilities, hint) => {
    expect(refusalOf({ kind: "fentry", name: "family_one" }, abilities)).toEqual({
      code: "TSP3010",
      failure: "kernel",
      message: "fentry does not work here: programs of type TRACING are refused (EPERM)",
      hints: [hint],
      culprit: "fentry",
    });
  });

  test("refused for a function that cannot be traced, with the kernel's words", () => {
    const traces = no("The function many has 8 arguments. Currently, only functions with at most 5 are supported");
    expect(refusalOf({ kind: "fexit", name: "many" }, { traces })).toMatchObject({
      code: "TSP3009",
      message: `this kernel cannot hook many by fexit: ${traces().reason}`,
      hints: ['kretprobe("many", …) works here, with the returned value only'],
    });
  });

  test("refused for patterns and for names that do not exist", () => {
    expect(refusalOf({ kind: "fentry", name: "family_*" })).toMatchObject({
      code: "TSP3014",
      message: 'fentry is for one function, and "family_*" is a pattern',
      hints: ["kprobe takes patterns"],
    });
    expect(refusalOf({ kind: "fentry", name: "familyone" })).toMatchObject({
      code: "TSP3006",
      message: "this kernel (6.18.44) has no function familyone",
      hints: ["did you mean family_one?", expect.stringContaining("inlined")],
      culprit: "familyone",
    });
  });
});

describe.skipIf(process.arch !== "x64")("kprobe and kretprobe on x86-64", () => {
  test("arguments are in their registers, and need no other way of loading", () => {
    const hook = hookOf(kprobe("simple"));
    expect(places(hook)).toEqual([
      ["sk", 112, "structPointer"],
      ["len", 104, "int"],
      ["buf", 96, "pointer"],
      ["names", 88, "pointer"],
    ]);
    expect(Object.values(loads(hook)).every((load) => load === undefined)).toBe(true);
    expect(hook).toMatchObject({
      section: "kprobe",
      attach: { kind: "kprobe", functions: ["simple"], offset: 0, returns: false, multi: false },
    });
  });

  test("a struct by value takes its registers, a large one and what finds none is on the stack", () => {
    const onStack = "the kernel passes it on the stack, not in a register";
    expect(unreadable(hookOf(kprobe("structs")))).toEqual([
      ["both", "it is a struct passed by value"],
      ["big", onStack],
    ]);
    expect(places(hookOf(kprobe("structs"))).filter(([, , kind]) => kind === "int")).toEqual([
      ["one", 112, "int"],
      ["two", 88, "int"],
      ["three", 72, "int"],
      ["four", 64, "int"],
    ]);
    expect(unreadable(hookOf(kprobe("many")))).toEqual([
      ["a6", onStack],
      ["a7", onStack],
    ]);
  });

  test("kretprobe has what is returned, in its register", () => {
    expect(places(hookOf({ kind: "kretprobe", name: "simple" }))).toEqual([["ret", 80, "int"]]);
    expect(places(hookOf({ kind: "kretprobe", name: "plain" }))).toEqual([]);
    expect(places(hookOf({ kind: "kretprobe", name: "odd" }))).toEqual([["returned", 80, "structPointer"]]);
    expect(hookOf({ kind: "kretprobe", name: "odd" }).attach).toMatchObject({ returns: true });
  });

  test("an offset gives registers instead", () => {
    const hook = hookOf(kprobe("simple", 4));
    expect(hook).toMatchObject({ title: "kprobe:simple+4", attach: { offset: 4 } });
    expect(places(hook)).toContainEqual(["rdi", 112, "pointer"]);
    expect(places(hook)).toContainEqual(["rip", 128, "pointer"]);
    expect(places(hook)).toHaveLength(17);
  });

  test("a pattern gives what all functions have alike, in one link where the kernel has that", () => {
    const hook = hookOf(kprobe("family_*"));
    expect(hook).toMatchObject({
      section: "kprobe.multi",
      attach: { functions: ["family_one", "family_two"], multi: true },
      title: "kprobe:family_* (2 functions)",
      places: ["kprobe:family_one", "kprobe:family_two"],
    });
    expect(places(hook)).toEqual([["sk", 112, "structPointer"]]);
    const each = hookOf({ kind: "kretprobe", name: "family_*" }, { kprobeMulti: no("EOPNOTSUPP") });
    expect(each).toMatchObject({ section: "kretprobe", attach: { multi: false, returns: true } });
    expect(places(each)).toEqual([["ret", 80, "int"]]);
    expect(places(hookOf(kprobe("simple*")))).toHaveLength(4);
  });

  test("a function that only the kernel's symbols know has its registers as numbers; fentry needs more", () => {
    const kernel = functionKernel();
    const undescribed = {
      ...kernel,
      function: () => ({ name: "copy.isra.0", id: undefined, module: undefined, args: undefined, returns: undefined }),
    };
    const resolved = resolveHook(kprobe("copy.isra.0"), undescribed);
    if ("refusal" in resolved) throw new Error(resolved.refusal.message);
    expect(places(resolved.hook).slice(0, 2)).toEqual([
      ["arg0", 112, "int"],
      ["arg1", 104, "int"],
    ]);
    expect(resolved.hook.context.key).toBe("kprobe_copy_dot_isra_dot_0");
    expect(resolveHook({ kind: "fentry", name: "copy.isra.0" }, undescribed)).toMatchObject({
      refusal: { code: "TSP3008", message: "the kernel's type information does not describe the function copy.isra.0" },
    });
  });

  test("refusals", () => {
    expect(refusalOf(kprobe("nothing_*"))).toMatchObject({
      code: "TSP3013",
      message: "no function of this kernel (6.18.44) that can be probed matches nothing_*",
    });
    expect(refusalOf(kprobe("family_*", 4))).toMatchObject({
      message: '"family_*" is a pattern, and an offset is for one function',
    });
    expect(refusalOf(kprobe("simple"), NO_KPROBES)).toEqual({
      code: "TSP3011",
      failure: "kernel",
      message: "kprobe does not work here: this kernel has no kprobes",
      hints: ['fentry("simple", …) works here'],
      culprit: "kprobe",
    });
  });
});

describe("raw tracepoints", () => {
  const target: HookTarget = { kind: "rawTracepoint", name: "family_event" };

  test("arguments by their names, typed where the kernel allows it", () => {
    const typed = hookOf(target);
    expect(typed).toMatchObject({ section: "tp_btf/family_event", attach: { kind: "tracing" } });
    expect(places(typed)).toEqual([
      ["on", 0, "bool"],
      ["sk", 8, "structPointer"],
    ]);
    expect(loads(typed)).toEqual({ on: undefined, sk: "number" });
    const plain = hookOf(target, NO_TRACING);
    expect(plain).toMatchObject({ section: "raw_tp/family_event", attach: { kind: "rawTracepoint", name: "family_event" } });
    expect(places(plain)).toEqual(places(typed));
    expect(loads(plain)).toEqual({ on: undefined, sk: undefined });
    expect(plain.context.key).not.toBe(typed.context.key);
  });

  test("without names they are numbered", () => {
    expect(places(hookOf({ kind: "rawTracepoint", name: "nameless" })).map(([name]) => name)).toEqual(["arg0", "arg1"]);
  });

  test.each([
    ["family_evnt", "did you mean family_event?"],
    ["net:family_event", 'raw tracepoints have no category: write "family_event"'],
    ["family_*", "patterns are not for it"],
    ["zzzzzzzzz", "system calls share sys_enter and sys_exit"],
  ])("%s is refused", (name, hint) => {
    const refusal = refusalOf({ kind: "rawTracepoint", name });
    expect(refusal).toMatchObject({
      code: "TSP3007",
      message: `this kernel (6.18.44) has no raw tracepoint ${name}`,
      culprit: name,
    });
    expect(refusal.hints.join()).toContain(hint);
  });
});
