/** A variable of a section: the id of its type (BTF_KIND_VAR), and how many bytes from the section's start it lies. */
export interface BtfPlacedVariable {
  readonly type: number;
  readonly offset: number;
}

/** A type of the kernel's debug information (BTF): include/uapi/linux/btf.h, Documentation/bpf/btf.rst. Type ids count from 1; 0 is void. */
export type BtfType =
  | { readonly kind: "void"; readonly id: 0 }
  | BtfInt
  | { readonly kind: "pointer"; readonly id: number; readonly to: number }
  | BtfArray
  | BtfStruct
  | BtfEnum
  /** A struct or union that is declared but defined nowhere. */
  | { readonly kind: "fwd"; readonly id: number; readonly name: string; readonly of: "struct" | "union" }
  | { readonly kind: "typedef"; readonly id: number; readonly name: string; readonly to: number }
  | { readonly kind: "const" | "volatile" | "restrict"; readonly id: number; readonly to: number }
  /** An attribute on a pointed-to type: "user", "percpu", "rcu". */
  | { readonly kind: "typeTag"; readonly id: number; readonly name: string; readonly to: number }
  | { readonly kind: "func"; readonly id: number; readonly name: string; readonly proto: number; readonly linkage: number }
  | { readonly kind: "funcProto"; readonly id: number; readonly returns: number; readonly params: readonly BtfParam[] }
  | { readonly kind: "float"; readonly id: number; readonly name: string; readonly size: number }
  | { readonly kind: "var"; readonly id: number; readonly name: string; readonly to: number }
  | { readonly kind: "datasec"; readonly id: number; readonly name: string; readonly variables: readonly BtfPlacedVariable[] }
  /** An attribute on a declaration; `component` is the member or parameter it is about, -1 for the whole. */
  | { readonly kind: "declTag"; readonly id: number; readonly name: string; readonly to: number; readonly component: number };

export interface BtfInt {
  readonly kind: "int";
  readonly id: number;
  readonly name: string;
  /** Bytes; 16 for __int128. */
  readonly size: number;
  readonly signed: boolean;
  readonly bool: boolean;
}

export interface BtfArray {
  readonly kind: "array";
  readonly id: number;
  readonly element: number;
  /** 0 for one without a fixed length. pahole joins the dimensions of an array of arrays to one. */
  readonly count: number;
}

export interface BtfStruct {
  readonly kind: "struct" | "union";
  readonly id: number;
  /** "" when it is anonymous. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly members: readonly BtfMember[];
}

export interface BtfMember {
  /** "" when it is an anonymous struct or union, or padding. */
  readonly name: string;
  /** The member's type id. */
  readonly type: number;
  /** From the start of the struct that contains it. */
  readonly bitOffset: number;
  /** Bits of a bitfield, 0 when it is none. */
  readonly bitfieldSize: number;
}

export interface BtfEnum {
  readonly kind: "enum";
  readonly id: number;
  /** "" when it is anonymous. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly signed: boolean;
  readonly values: readonly BtfEnumValue[];
}

export interface BtfEnumValue {
  readonly name: string;
  /** bigint for enums of all sizes. */
  readonly value: bigint;
}

export interface BtfParam {
  /** "" for the unnamed ones; the last of a variadic function has type 0. */
  readonly name: string;
  readonly type: number;
}
