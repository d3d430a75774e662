import type { TracingWay } from "../kernel/abilities.js";
import type { KernelFunction } from "../kernel/functions.js";
import type { KernelInfo } from "../kernel/info.js";
import { returnedField, wordFields } from "./function-context.js";
import type { HookRefusal, ResolvedHook } from "./hook.js";
import { alternativesFor, undescribed, unknownFunction } from "./unknown-function.js";

/** fentry, fexit: a function's beginning and its return, by way of a trampoline (BPF_PROG_TYPE_TRACING). */
export function resolveTracing(target: { readonly kind: TracingWay; readonly name: string }, kernel: KernelInfo): ResolvedHook {
  const { kind, name } = target;
  const found = name.includes("*") ? undefined : kernel.function(name);
  if (found === undefined) return { refusal: name.includes("*") ? noPattern(target) : unknownFunction(name, kernel) };
  if (found.args === undefined) return { refusal: undescribed(found) };
  const refusal = refuseWhereImpossible(kind, found, kernel);
  if (refusal !== undefined) return { refusal };
  return {
    hook: Object.freeze({
      section: `${kind}/${name}`,
      context: Object.freeze({
        key: `${kind}_${name}`,
        title: `the function ${name}`,
        fields: Object.freeze([
          ...wordFields(found.args, true),
          ...(kind === "fexit" && found.returns !== undefined ? [returnedField(found.args, found.returns)] : []),
        ]),
      }),
      attach: Object.freeze({ kind: "tracing" as const }),
      title: `${kind}:${name}`,
    }),
  };
}

function refuseWhereImpossible(
  kind: TracingWay,
  { name, id, args = [] }: KernelFunction,
  kernel: KernelInfo,
): HookRefusal | undefined {
  const abilities = kernel.abilities();
  const tracing = abilities.tracing();
  const words = args.reduce((sum, arg) => sum + arg.words, 0);
  const ability = tracing.ok && id !== undefined ? abilities.traces(kind, id, words) : tracing;
  if (ability.ok) return undefined;
  const failure = "kernel" as const;
  const hints = insteadOf(kind, name, kernel);
  return tracing.ok
    ? { code: "TSP3009", failure, message: `this kernel cannot hook ${name} by ${kind}: ${ability.reason}`, hints, culprit: name }
    : { code: "TSP3010", failure, message: `${kind} does not work here: ${ability.reason}`, hints, culprit: kind };
}

function insteadOf(kind: TracingWay, name: string, kernel: KernelInfo): readonly string[] {
  const other = kind === "fentry" ? "kprobe" : "kretprobe";
  const kprobes = kernel.abilities().kprobes();
  if (!kprobes.ok) return alternativesFor(name, `${other} does not work here either (${kprobes.reason})`, kernel);
  return [`${other}("${name}", …) works here, ${kind === "fentry" ? "with the same arguments" : "with the returned value only"}`];
}

function noPattern({ kind, name }: { readonly kind: TracingWay; readonly name: string }): HookRefusal {
  return {
    code: "TSP3014",
    failure: "name",
    message: `${kind} is for one function, and "${name}" is a pattern`,
    hints: [`${kind === "fentry" ? "kprobe" : "kretprobe"} takes patterns`],
    culprit: name,
  };
}
