import type { BindingPattern, ForOfStatement, VariableDeclaration } from "oxc-parser";
import type { KernelMap } from "../../../dsl/maps.js";
import { createStmt, type Local, type Stmt } from "../../ir/nodes.js";
import type { FunctionContext } from "./context.js";
import { forget } from "./flow.js";
import type { MapLoop } from "./for-of.js";
import { changedIn } from "./loop-variables.js";
import { mapRef } from "./map-calls.js";
import { bindPattern } from "./patterns.js";
import { lowerNested } from "./statements.js";
import { inTarget } from "./targets.js";

/** Kinds whose entries bpf_for_each_map_elem goes through (kernel/bpf/hashtab.c, arraymap.c: map_for_each_callback). */
const LOOPED = new Set(["hash", "lruHash", "array"]);

/** `for (const [key, value] of map)`: a round is called for every entry, in the kernel's order. */
export function lowerMapLoop(
  f: FunctionContext,
  node: ForOfStatement,
  loop: MapLoop,
  labels: readonly string[],
): readonly Stmt[] {
  const span = f.span(node);
  const declared = loop.map.value as KernelMap<unknown, unknown>;
  const { release } = f.module.kernel;
  const [major = 0, minor = 0] = release.split(".").map((part) => Number.parseInt(part, 10));
  if (major < 5 || (major === 5 && minor < 13))
    f.report.refuse("TSP2454", f.span(node.right), `this kernel (${release}) cannot loop over maps: it needs Linux 5.13`, {
      hints: ["read the map on the host"],
    });
  if (!LOOPED.has(declared.declaration.kind))
    f.report.refuse(
      "TSP2454",
      f.span(node.right),
      `a map of kind ${declared.declaration.kind} cannot be looped over in kernel code`,
      {
        hints: ["hash, lruHash and array can; read others on the host"],
      },
    );
  const map = mapRef(f, declared, loop.map);
  if (map.index === -1) f.report.refuse("TSP2121", f.span(node.right), `${loop.map.text} is a map of another script`);
  f.facts = forget(f.facts, changedIn(f, [node.body]));
  const before = f.facts;
  return f.inScope(() => {
    const declare = (name: "key" | "value") => f.inScope(() => f.declare(name, map[name], false));
    const { parts, key, value } = partsOf(f, node, loop, declare);
    return inTarget(f, "loop", labels, (target) => {
      const body = f.inScope(() => [...bindParts(f, node, parts), ...lowerNested(f, node.body)]);
      f.facts = before;
      return [createStmt({ kind: "each", id: target.id, map, key, value, body, span })];
    });
  });
}

interface Parts {
  readonly parts: readonly { readonly pattern: BindingPattern; readonly local: Local }[];
  readonly key: Local | undefined;
  readonly value: Local | undefined;
}

/** What the loop's head names: `[key, value]` of entries, or a key or value. */
function partsOf(f: FunctionContext, node: ForOfStatement, { gives }: MapLoop, declare: (name: "key" | "value") => Local): Parts {
  const { id } = (node.left as VariableDeclaration).declarations[0] as { id: BindingPattern };
  if (gives !== "entries") {
    const local = declare(gives === "keys" ? "key" : "value");
    return {
      parts: [{ pattern: id, local }],
      key: gives === "keys" ? local : undefined,
      value: gives === "keys" ? undefined : local,
    };
  }
  if (id.type !== "ArrayPattern" || id.elements.length > 2 || id.elements.some((element) => element?.type === "RestElement"))
    return f.report.refuse("TSP2454", f.span(id), "the entries of a map are pairs of a key and a value", {
      hints: ["write for (const [key, value] of map), or loop over map.keys() or map.values()"],
    });
  const [first, second] = id.elements as (BindingPattern | null | undefined)[];
  const key = first == null ? undefined : declare("key");
  const value = second == null ? undefined : declare("value");
  const parts = [
    ...(key === undefined ? [] : [{ pattern: first as BindingPattern, local: key }]),
    ...(value === undefined ? [] : [{ pattern: second as BindingPattern, local: value }]),
  ];
  return { parts, key, value };
}

function bindParts(f: FunctionContext, node: ForOfStatement, parts: Parts["parts"]): readonly Stmt[] {
  const mutable = (node.left as VariableDeclaration).kind === "let";
  return parts.flatMap(({ pattern, local }) => bindPattern(f, pattern, f.read(local, f.span(pattern)), mutable));
}
