import type { KernelInfo } from "../kernel/info.js";
import { type IteratorValue, listIterators, readIterator } from "../kernel/iterators.js";
import { nearestNames } from "../kernel/nearest.js";
import type { ContextField, HookRefusal, ResolvedHook } from "./hook.js";

/** A BPF iterator: a program that the kernel runs for each of its tasks, sockets, … when asked to. */
export function resolveIter({ name }: { readonly name: string }, kernel: KernelInfo): ResolvedHook {
  const values = readIterator(kernel.btf(), name);
  if (values === undefined) return { refusal: unknownIterator(name, kernel) };
  const tracing = kernel.abilities().tracing();
  if (!tracing.ok)
    return {
      refusal: {
        code: "TSP3071",
        failure: "kernel",
        message: `this kernel has no iterators: ${tracing.reason}`,
        hints: ["read once what is there from /proc or with `ss`, and follow the changes with a tracepoint"],
      },
    };
  const fields = Object.freeze(values.flatMap(fieldOf));
  const object = fields.find((field) => field.type.kind === "structPointer" && field.name !== "meta");
  return {
    hook: Object.freeze({
      section: `iter/${name}`,
      context: Object.freeze({ key: `iter_${name}`, title: `the iterator ${name}`, fields }),
      attach: Object.freeze({ kind: "iter" as const }),
      title: `iter:${name}`,
      ...(object === undefined ? {} : { endsAtNull: object }),
    }),
  };
}

/** Pointers are typed to the verifier, with which it allows next to nothing: they are made numbers (ContextLoad). */
function fieldOf({ name, cType, offset, type }: IteratorValue): ContextField[] {
  if (type.kind === "unreadable") return [];
  const size = type.kind === "int" ? type.size : type.kind === "bool" ? 1 : 8;
  const field = { name, cType, offset, size };
  if (type.kind === "int" || type.kind === "bool") return [Object.freeze({ ...field, type })];
  const kept = type.kind === "pointer" ? { kind: type.kind } : type;
  return [Object.freeze({ ...field, type: Object.freeze(kept), load: "number" as const })];
}

function unknownIterator(name: string, kernel: KernelInfo): HookRefusal {
  const known = listIterators(kernel.btf());
  const near = nearestNames(name, known, 3);
  return {
    code: "TSP3070",
    failure: "name",
    message: `this kernel (${kernel.release}) has no iterator ${name}`,
    hints: [near.length > 0 ? `did you mean ${near.join(" or ")}?` : `it has ${known.join(", ")}`],
    culprit: name,
  };
}
