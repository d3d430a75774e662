import type { Span } from "../../diagnostics/span.js";
import type { AggregationDeclaration } from "../../dsl/aggregation-declaration.js";
import type { MapDeclaration } from "../../dsl/map-declaration.js";
import type { ContextField, Hook } from "../../hooks/hook.js";
import type { CounterReason } from "../program.js";
import type { IrType } from "./types.js";

/** A variable of a handler or helper. */
export interface Local {
  readonly name: string;
  /** Unique within its function, legal in C. */
  readonly cName: string;
  readonly type: IrType;
  readonly mutable: boolean;
}

/** A place that counts: becomes a slot of `tsp_counters`. Identity matters; equal sites are shared by pass `sites`. */
export interface Site {
  readonly reason: CounterReason;
  readonly span: Span;
  readonly subject: string;
}

interface Node {
  readonly span: Span;
  readonly type: IrType;
}

/** Names of the "builtin" expressions: each has a printer in emit/builtins. */
export type BuiltinCall =
  | "attachCookie"
  | "pid"
  | "tid"
  | "uid"
  | "gid"
  | "comm"
  | "cgroupId"
  | "cpu"
  | "curtask"
  | "random"
  | "inInterrupt"
  | "isWantedTask"
  | "ktimeNs"
  | "bootNs"
  | "wallNs"
  | "kstack"
  | "ustack"
  | "usym"
  | "str"
  | "userStr"
  | "bytes"
  | "userBytes"
  /** Of texts: with [text, text], and the length of [text]. */
  | "startsWith"
  | "endsWith"
  | "includes"
  | "textLength";

export type ArithmeticOperator = "+" | "-" | "*" | "/" | "%";
export type BitOperator = "&" | "|" | "^" | "<<" | ">>" | ">>>";
export type CompareOperator = "===" | "!==" | "<" | "<=" | ">" | ">=";

/** Expressions. `site`: where a failing check is counted; undefined when the operation cannot fail. */
export type Expr = Node &
  (
    | { readonly kind: "constant"; readonly value: bigint | boolean | string | undefined | null }
    | { readonly kind: "local"; readonly local: Local }
    /** `site`: where it is counted that memory could not be read, for fields that are there. */
    | { readonly kind: "context-field"; readonly context: Expr; readonly field: ContextField; readonly site?: Site }
    /** `zero`: where a division by zero is counted. */
    | {
        readonly kind: "arithmetic";
        readonly op: ArithmeticOperator;
        readonly left: Expr;
        readonly right: Expr;
        readonly site: Site | undefined;
        readonly zero: Site | undefined;
      }
    | {
        readonly kind: "bits";
        readonly op: BitOperator;
        readonly left: Expr;
        readonly right: Expr;
        readonly site: Site | undefined;
      }
    | { readonly kind: "negate" | "bit-not"; readonly operand: Expr; readonly site: Site | undefined }
    | { readonly kind: "compare"; readonly op: CompareOperator; readonly left: Expr; readonly right: Expr }
    /** Whether two texts are equal. */
    | { readonly kind: "same-text"; readonly left: Expr; readonly right: Expr }
    | { readonly kind: "not"; readonly operand: Expr }
    /** JavaScript's truth of a value. */
    | { readonly kind: "truth"; readonly operand: Expr }
    | { readonly kind: "and" | "or"; readonly left: Expr; readonly right: Expr }
    | { readonly kind: "conditional"; readonly test: Expr; readonly yes: Expr; readonly no: Expr }
    /** Whether an optional or a nullable pointer has a value. */
    | { readonly kind: "present"; readonly operand: Expr }
    /** The value of an optional known to be present. */
    | { readonly kind: "unwrap"; readonly operand: Expr }
    /** `left` when present, else `right`. */
    | { readonly kind: "default"; readonly left: Expr; readonly right: Expr }
    /** A value as an optional, or undefined as an absent one. */
    | { readonly kind: "wrap"; readonly operand: Expr }
    /** Between number and bigint, or between signed and unsigned bigint; `site` when the value may not fit. */
    | { readonly kind: "convert"; readonly operand: Expr; readonly site: Site | undefined }
    /** Cuts to so many bits (BigInt.asUintN, BigInt.asIntN). */
    | { readonly kind: "cut"; readonly operand: Expr; readonly bits: number }
    | { readonly kind: "minimum" | "maximum"; readonly left: Expr; readonly right: Expr }
    /**
     * A function of tsprobe that asks the kernel: the task, the clock, memory. What it does in C is in emit/builtins.
     * `site`: where a failure is counted, which ends the run.
     */
    | {
        readonly kind: "builtin";
        readonly call: BuiltinCall;
        readonly arguments: readonly Expr[];
        readonly site: Site | undefined;
      }
    | { readonly kind: "ip"; readonly bytes: Expr }
    /** An integer to be shown by name, or a bigint to be sent as a double: the same bits. */
    | { readonly kind: "label"; readonly operand: Expr }
    /** The same value held differently: objects and optionals with other types inside; `site` when an integer inside may not fit. */
    | { readonly kind: "reshape"; readonly operand: Expr; readonly site: Site | undefined }
    | { readonly kind: "element"; readonly array: Expr; readonly index: Expr; readonly site: Site | undefined }
    | { readonly kind: "field"; readonly object: Expr; readonly name: string }
    | { readonly kind: "object"; readonly fields: readonly { readonly name: string; readonly value: Expr }[] }
    | { readonly kind: "array"; readonly elements: readonly Expr[] }
    /** The values of a text that Node puts together. */
    | { readonly kind: "template"; readonly elements: readonly Expr[] }
    /** An array of constants, in read-only data: what is taken of it is one element. */
    | { readonly kind: "table"; readonly elements: readonly Expr[] }
    | { readonly kind: "map-get" | "map-has" | "map-delete"; readonly map: MapRef; readonly key: Expr }
    /** `site`: where a failing update is counted; undefined for arrays, where none fails. */
    | {
        readonly kind: "map-set";
        readonly map: MapRef;
        readonly key: Expr;
        readonly value: Expr;
        readonly site: Site | undefined;
      }
    /** Adds to a value in one step; of a record to the fields that `value` has. A missing key begins at 0. */
    | {
        readonly kind: "map-add";
        readonly map: MapRef;
        readonly key: Expr;
        readonly value: Expr;
        readonly site: Site | undefined;
      }
    /** Keeps a record of a stash with the time of now. `value`: the record without the time. `replaced`: counts records put over older ones. */
    | {
        readonly kind: "stash-put";
        readonly map: MapRef;
        readonly key: Expr;
        readonly value: Expr | undefined;
        readonly site: Site;
        readonly replaced: Site;
      }
    /** Takes a record out of a stash: present when there was one and it took `least` nanoseconds. */
    | { readonly kind: "stash-take"; readonly map: MapRef; readonly key: Expr; readonly least: Expr | undefined }
    /** A number from 0 to limit - 1, else the run ends. */
    | { readonly kind: "in-range"; readonly operand: Expr; readonly limit: number; readonly site: Site }
    /** Counts, or takes a value: `value` is a signed bigint. `site`: where keys without room are counted. */
    | {
        readonly kind: "aggregate";
        readonly aggregation: AggregationRef;
        readonly key: Expr | undefined;
        readonly value: Expr | undefined;
        readonly site: Site | undefined;
      }
    | { readonly kind: "option"; readonly option: OptionRef }
    | { readonly kind: "option-has"; readonly option: OptionRef; readonly value: Expr }
    /** Of networks: which one, or -1. */
    | { readonly kind: "option-find"; readonly option: OptionRef; readonly value: Expr }
    | { readonly kind: "option-size"; readonly option: OptionRef }
    /** Reads a member of a kernel struct through its address. `indices`: one for each step of the path that leaves its own open. */
    | {
        readonly kind: "kernel-read";
        readonly pointer: Expr;
        readonly path: readonly PathStep[];
        readonly indices: readonly Expr[];
        readonly site: Site;
      }
    /** The address of a member. */
    | {
        readonly kind: "kernel-address";
        readonly pointer: Expr;
        readonly path: readonly PathStep[];
        readonly indices: readonly Expr[];
      }
    /** Whether the running kernel has a member: libbpf says so when the program is loaded (CO-RE). */
    | { readonly kind: "kernel-has"; readonly path: readonly PathStep[] }
    /** The integer at an address. */
    | {
        readonly kind: "kernel-peek";
        readonly address: Expr;
        readonly integer: { readonly size: 1 | 2 | 4 | 8; readonly signed: boolean };
        readonly site: Site;
      }
    /** A value that the running kernel's enum gives a name: libbpf fills it in (CO-RE). */
    | { readonly kind: "enum-value"; readonly enumeration: KernelEnumRef; readonly member: string; readonly value: bigint }
    /** An index that must be from 0 to below `count` (any that is not negative, when undefined). */
    | { readonly kind: "bounded"; readonly operand: Expr; readonly count: number | undefined; readonly site: Site }
    /** An address given another type: a struct's, or that of an address again. */
    | { readonly kind: "kptr"; readonly address: Expr }
    /** Evaluates `result` with the pointer bound, when it is not null; else undefined. */
    | { readonly kind: "if-not-null"; readonly pointer: Expr; readonly bound: Local; readonly result: Expr }
    /** Evaluates `source` once and binds it for `result`. */
    | { readonly kind: "let"; readonly bound: Local; readonly source: Expr; readonly result: Expr }
    | { readonly kind: "call"; readonly helper: HelperInstance; readonly arguments: readonly Expr[] }
    /** `event` is an object literal; one made of the fields of another value refers to that as `bound`, which is evaluated first. */
    | {
        readonly kind: "emit";
        readonly channel: ChannelRef;
        readonly bound: Local | undefined;
        readonly source: Expr | undefined;
        readonly event: Expr;
        readonly site: Site;
      }
  );

export type ExprOf<K extends Expr["kind"]> = Extract<Expr, { kind: K }>;

/** What the C declaration of a kernel struct's member must say. */
export type KernelMemberType =
  | KernelScalarType
  /** An integer of so many bits. */
  | { readonly kind: "bitfield"; readonly base: KernelScalarType; readonly bits: number }
  | { readonly kind: "pointer"; readonly struct: string | undefined }
  | { readonly kind: "text"; readonly count: number }
  /** `count` 0: as long as it was allocated. */
  | { readonly kind: "array"; readonly element: KernelMemberType; readonly count: number }
  | { readonly kind: "struct"; readonly struct: KernelStructRef };

export type KernelScalarType =
  | { readonly kind: "int" | "enum"; readonly size: 1 | 2 | 4 | 8; readonly signed: boolean }
  | { readonly kind: "bool" };

/** A kernel enum as C names it. */
export interface KernelEnumRef {
  readonly name: string;
  /** The name is that of a typedef: the enum itself has none. */
  readonly typedef: boolean;
}

/** A kernel struct or union as C names it; without a name it is declared in place. */
export interface KernelStructRef {
  readonly of: "struct" | "union";
  /** Name, or "#" and the BTF id. */
  readonly key: string;
  /** The name is that of a typedef: the struct itself has none. */
  readonly typedef: boolean;
}

/** One step into a kernel struct. */
export type PathStep =
  /** To a member: `.skc_net`. Anonymous structs and unions take no step. */
  | { readonly kind: "member"; readonly struct: KernelStructRef; readonly member: string; readonly type: KernelMemberType }
  /** To an element of an array; `at` undefined: the next of the node's indices. */
  | { readonly kind: "index"; readonly at: number | undefined; readonly type: KernelMemberType };

export interface MapRef {
  /** Index into the script's maps. */
  readonly index: number;
  readonly declaration: MapDeclaration;
  /** Its first use. */
  readonly span: Span;
  readonly cName: string;
  readonly name: string;
  readonly key: IrType;
  readonly value: IrType;
}

export interface AggregationRef {
  /** Index into the script's aggregations. */
  readonly index: number;
  readonly declaration: AggregationDeclaration;
  /** Its first use. */
  readonly span: Span;
  /** At most 13 characters: its maps add two. */
  readonly cName: string;
  readonly name: string;
  readonly key: IrType | undefined;
  /** Whether the kernel has an atomic compare-and-exchange for BPF (5.12). */
  readonly exchange: boolean;
}

export interface OptionRef {
  readonly cName: string;
  /** Its long flag, which names it among all options of the script. */
  readonly long: string;
  readonly type: IrType;
  /** What it is a set of, if it is one. */
  readonly set: "numbers" | "networks" | undefined;
}

export interface ChannelRef {
  readonly stream: number;
  readonly name: string;
}

export type Stmt = { readonly span: Span } & (
  | { readonly kind: "declare"; readonly local: Local; readonly value: Expr | undefined }
  | { readonly kind: "assign"; readonly local: Local; readonly value: Expr }
  | { readonly kind: "evaluate"; readonly value: Expr }
  | { readonly kind: "if"; readonly test: Expr; readonly yes: readonly Stmt[]; readonly no: readonly Stmt[] }
  /** Runs at most `bound` times: of itself, or with a `site`, where a run that would go on is counted and ends. */
  | {
      readonly kind: "loop";
      /** What `break` and `continue` refer to; unique in its function. */
      readonly id: number;
      readonly init: readonly Stmt[];
      readonly test: Expr;
      /** `do … while`: tested after each round, not before it. */
      readonly testAfter: boolean;
      readonly update: readonly Stmt[];
      readonly body: readonly Stmt[];
      readonly bound: number;
      readonly site: Site | undefined;
      /** With a `site`: counts the rounds of all such loops inside of others, of which there may be `most` in a run. */
      readonly spent: { readonly local: Local; readonly most: number } | undefined;
      /** A round is a function of its own that bpf_loop calls: the verifier then looks at it once, not once a round. */
      readonly callback: boolean;
      /** Nothing leads past its end. */
      readonly endless: boolean;
    }
  /** The first case whose test holds, else the default, and what follows it up to a `break`. */
  | {
      readonly kind: "switch";
      readonly id: number;
      /** `test` undefined: the default. */
      readonly cases: readonly { readonly test: Expr | undefined; readonly body: readonly Stmt[] }[];
      /** Nothing leads past its end. */
      readonly endless: boolean;
    }
  /** Every entry of a map; a round is a function of its own, that bpf_for_each_map_elem calls. */
  | {
      readonly kind: "each";
      readonly id: number;
      readonly map: MapRef;
      readonly key: Local | undefined;
      readonly value: Local | undefined;
      readonly body: readonly Stmt[];
    }
  | { readonly kind: "block"; readonly body: readonly Stmt[] }
  /** A block that `break` can leave. */
  | { readonly kind: "labelled"; readonly id: number; readonly body: readonly Stmt[] }
  | { readonly kind: "break" | "continue"; readonly target: number }
  /** In a handler: sends the event, if any, and ends. */
  | { readonly kind: "send"; readonly event: Expr | undefined; readonly site: Site | undefined }
  /** In a helper. */
  | { readonly kind: "return"; readonly value: Expr | undefined }
);

/** A helper compiled for the types of one kind of call. */
export interface HelperInstance {
  readonly cName: string;
  readonly name: string;
  readonly parameters: readonly Local[];
  readonly result: IrType;
  readonly body: readonly Stmt[];
  readonly span: Span;
}

/** A handler: the body of one BPF program. */
export interface HandlerFunction {
  /** Name of the C function and the BPF program, at most 15 characters. */
  readonly functionName: string;
  readonly name: string;
  readonly stream: number;
  readonly context: Local | undefined;
  readonly hook: Hook;
  readonly body: readonly Stmt[];
  /** The hook call. */
  readonly span: Span;
}

/** What the passes work on: all kernel code of a script. */
export interface IrModule {
  readonly handlers: readonly HandlerFunction[];
  /** Callees before callers. */
  readonly helpers: readonly HelperInstance[];
  readonly maps: readonly MapRef[];
  readonly aggregations: readonly AggregationRef[];
  /** By stream index. */
  readonly streamNames: readonly string[];
}

export function createExpr<E extends Expr>(node: E): E {
  return Object.freeze(node);
}

export function createStmt<S extends Stmt>(node: S): S {
  return Object.freeze(node);
}
