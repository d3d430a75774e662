import type { HookTarget } from "../dsl/targets.js";
import type { KernelFunction } from "../kernel/functions.js";
import { isGlob } from "../kernel/glob.js";
import type { KernelInfo } from "../kernel/info.js";
import { type Registers, registersOf } from "../kernel/registers.js";
import { commonFields, rawRegisterFields, registerFields, resultField, untypedFields } from "./function-context.js";
import type { ContextField, HandlerContext, HookRefusal, ResolvedHook } from "./hook.js";
import { alternativesFor, unknownFunction } from "./unknown-function.js";

type KprobeTarget = Extract<HookTarget, { kind: "kprobe" | "kretprobe" }>;

/** Most functions of a pattern where each takes a link of its own, and where one link takes all (MAX_KPROBE_MULTI_CNT is 2^20). */
const [MOST_LINKS, MOST_IN_ONE] = [512, 65_536];

/** kprobe, kretprobe: a function's beginning (or an instruction in it), and its return; by pattern several functions. */
export function resolveKprobe(target: KprobeTarget, kernel: KernelInfo): ResolvedHook {
  const found = isGlob(target.name) ? undefined : kernel.function(target.name);
  if (found === undefined && !isGlob(target.name)) return { refusal: unknownFunction(target.name, kernel) };
  const kprobes = kernel.abilities().kprobes();
  if (!kprobes.ok) return { refusal: noKprobes(target, kprobes.reason, kernel) };
  const registers = registersOf();
  if (registers === undefined)
    return { refusal: noKprobes(target, `tsprobe does not know its registers (${process.arch})`, kernel) };
  if (found === undefined) return resolvePattern(target, registers, kernel);
  const offset = target.kind === "kprobe" ? target.offset : undefined;
  const place = offset === undefined ? target.name : `${target.name}+${offset}`;
  return {
    hook: Object.freeze({
      section: target.kind,
      context: offset === undefined ? functionContext(target.kind, found, registers) : registersContext(place, registers),
      attach: Object.freeze({
        kind: "kprobe" as const,
        functions: Object.freeze([target.name]),
        offset: offset ?? 0,
        returns: target.kind === "kretprobe",
        multi: false,
      }),
      title: `${target.kind}:${place}`,
    }),
  };
}

/** A legal C name that differs for different names of functions, copies such as "name.isra.0" included. */
function keyOf(kind: string, name: string): string {
  return `${kind}_${name.replaceAll(".", "_dot_").replaceAll("*", "_any_").replace(/\W/g, "_")}`;
}

function fieldsOf(kind: KprobeTarget["kind"], { args, returns }: KernelFunction, registers: Registers): ContextField[] {
  if (kind === "kretprobe") return returns === undefined ? [] : [resultField(args ?? [], returns, registers)];
  return args === undefined ? untypedFields(registers.arguments) : registerFields(args, registers);
}

function functionContext(kind: KprobeTarget["kind"], found: KernelFunction, registers: Registers): HandlerContext {
  return Object.freeze({
    key: keyOf(kind, found.name),
    title: kind === "kprobe" ? `the function ${found.name}` : `the return of ${found.name}`,
    fields: Object.freeze(fieldsOf(kind, found, registers)),
  });
}

function registersContext(place: string, registers: Registers): HandlerContext {
  return Object.freeze({
    key: "registers",
    title: `${place}, a probe inside a function,`,
    fields: rawRegisterFields(registers.all),
  });
}

function resolvePattern(target: KprobeTarget, registers: Registers, kernel: KernelInfo): ResolvedHook {
  const { kind, name } = target;
  const names = kernel.functionsMatching(name);
  const multi = kernel.abilities().kprobeMulti();
  const refusal = refusePattern(target, names.length, multi.ok, kernel);
  if (refusal !== undefined) return { refusal };
  const contexts = names.map((each) => {
    const found = kernel.function(each);
    return found === undefined ? [] : fieldsOf(kind, found, registers);
  });
  return {
    hook: Object.freeze({
      section: multi.ok ? `${kind}.multi` : kind,
      context: Object.freeze({
        key: keyOf(`${kind}s`, name),
        title: `the functions ${name}`,
        fields: Object.freeze(commonFields(contexts)),
        remark: `only arguments that all ${names.length} of them have by the same name, place and type can be used`,
      }),
      attach: Object.freeze({
        kind: "kprobe" as const,
        functions: Object.freeze([...names]),
        offset: 0,
        returns: kind === "kretprobe",
        multi: multi.ok,
      }),
      title: `${kind}:${name} (${names.length} function${names.length === 1 ? "" : "s"})`,
      places: Object.freeze(names.map((each) => `${kind}:${each}`)),
    }),
  };
}

function refusePattern(target: KprobeTarget, found: number, multi: boolean, kernel: KernelInfo): HookRefusal | undefined {
  const base = { code: "TSP3013", failure: "name" as const, culprit: target.name };
  if (target.kind === "kprobe" && target.offset !== undefined)
    return { ...base, message: `"${target.name}" is a pattern, and an offset is for one function`, hints: ["name the function"] };
  if (found === 0)
    return {
      ...base,
      message: `no function of this kernel (${kernel.release}) that can be probed matches ${target.name}`,
      hints: ["all names are in /sys/kernel/tracing/available_filter_functions"],
    };
  const most = multi ? MOST_IN_ONE : MOST_LINKS;
  if (found <= most) return undefined;
  return {
    ...base,
    message: `${found} functions match ${target.name}; this kernel takes at most ${most} at once`,
    hints: ["narrow it"],
  };
}

function noKprobes({ kind, name }: KprobeTarget, reason: string, kernel: KernelInfo): HookRefusal {
  const other = kind === "kprobe" ? "fentry" : "fexit";
  const tracing = kernel.abilities().tracing();
  const hints =
    tracing.ok && !isGlob(name)
      ? [`${other}("${name}", …) works here`]
      : alternativesFor(
          name,
          tracing.ok ? `${other} works here, without patterns` : `${other} does not work here either (${tracing.reason})`,
          kernel,
        );
  return { code: "TSP3011", failure: "kernel", message: `${kind} does not work here: ${reason}`, hints, culprit: kind };
}
