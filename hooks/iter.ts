import { readArgument } from "../kernel/arguments.js";
import type { Btf } from "../kernel/btf.js";
import { flattenMembers } from "../kernel/btf-members.js";
import type { BtfStruct } from "../kernel/btf-types.js";
import type { KernelInfo } from "../kernel/info.js";
import { nearestNames } from "../kernel/nearest.js";
import type { ContextField, HookRefusal, ResolvedHook } from "./hook.js";

/** struct bpf_iter__NAME: what an iterator's program is given for each object (DEFINE_BPF_ITER_FUNC, include/linux/bpf.h). */
const CONTEXT = "bpf_iter__";

/** Names of the iterators that a kernel has. */
export function iteratorNames(btf: Btf): string[] {
  return btf
    .structNames()
    .filter((name) => name.startsWith(CONTEXT))
    .map((name) => name.slice(CONTEXT.length));
}

/** A BPF iterator: a program that the kernel runs for each of its tasks, sockets, … when asked to. */
export function resolveIter({ name }: { readonly name: string }, kernel: KernelInfo): ResolvedHook {
  const btf = kernel.btf();
  const context = /^\w+$/.test(name) ? btf.struct(`${CONTEXT}${name}`) : undefined;
  if (context === undefined) return { refusal: unknownIterator(name, kernel) };
  const tracing = kernel.abilities().tracing();
  if (!tracing.ok)
    return {
      refusal: {
        code: "TSP3071",
        failure: "kernel",
        message: `this kernel has no iterators for us: ${tracing.reason}`,
        hints: ["read what is there once from /proc or by `ss`, and follow changes with a tracepoint"],
      },
    };
  const fields = iteratorFields(btf, context);
  const object = fields.find(({ type, name: field }) => type.kind === "structPointer" && field !== "meta");
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

/** What the handler of an iterator can read: the object, and what the kernel tells of it. */
export function iteratorFields(btf: Btf, context: BtfStruct): readonly ContextField[] {
  return Object.freeze(
    flattenMembers(btf, context).flatMap(({ member, bitOffset }): ContextField[] => {
      const { cType, type } = readArgument(btf, member.name, member.type);
      if (type.kind === "unreadable" || member.bitfieldSize > 0) return [];
      const size = type.kind === "int" ? type.size : type.kind === "bool" ? 1 : 8;
      const field = { name: member.name, cType, offset: bitOffset / 8, size };
      if (type.kind === "pointer")
        return [
          Object.freeze({ ...field, type: { kind: "pointer" as const }, ...(type.plain ? {} : { load: "number" as const }) }),
        ];
      return [Object.freeze({ ...field, type, ...(type.kind === "structPointer" ? { load: "number" as const } : {}) })];
    }),
  );
}

function unknownIterator(name: string, kernel: KernelInfo): HookRefusal {
  const known = iteratorNames(kernel.btf());
  const near = nearestNames(name, known, 3);
  return {
    code: "TSP3070",
    failure: "name",
    message: `this kernel (${kernel.release}) has no iterator ${name}`,
    hints: [near.length > 0 ? `did you mean ${near.join(" or ")}?` : `it has ${known.join(", ")}`],
    culprit: name,
  };
}
