import { type KernelArgument, readArgument } from "./arguments.js";
import type { Btf } from "./btf.js";
import { flattenMembers } from "./btf-members.js";

/** struct bpf_iter__NAME: what an iterator's program is given for each object (DEFINE_BPF_ITER_FUNC, include/linux/bpf.h). */
const CONTEXT = "bpf_iter__";

/** What an iterator's program is given: `meta`, the object, and for some more of it. */
export interface IteratorValue extends KernelArgument {
  /** Bytes from the start of the context. */
  readonly offset: number;
}

/** Names of the iterators that a kernel has: "task", "tcp". */
export function listIterators(btf: Btf): string[] {
  return btf
    .structNames()
    .filter((name) => name.startsWith(CONTEXT))
    .map((name) => name.slice(CONTEXT.length));
}

/** An iterator's values by its name; undefined when there is none of that name. */
export function readIterator(btf: Btf, name: string): readonly IteratorValue[] | undefined {
  const context = /^\w+$/.test(name) ? btf.struct(`${CONTEXT}${name}`) : undefined;
  if (context === undefined) return undefined;
  return flattenMembers(btf, context)
    .filter(({ member }) => member.bitfieldSize === 0)
    .map(({ member, bitOffset }) => ({ ...readArgument(btf, member.name, member.type), offset: bitOffset / 8 }));
}
