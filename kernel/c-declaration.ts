import type { Btf } from "./btf.js";
import type { BtfType } from "./btf-types.js";

/** The C declaration of a type without a name, as messages show it: "const struct sock *", "void (*)(…)". */
export function declarationOf(btf: Btf, id: number): string {
  const type = btf.type(id);
  switch (type.kind) {
    case "pointer":
      return pointerTo(btf, type.to);
    case "const":
    case "volatile":
    case "restrict":
      return qualified(btf, type);
    case "typeTag":
      return declarationOf(btf, type.to);
    case "array":
      return `${declarationOf(btf, type.element)}[${type.count === 0 ? "" : type.count}]`;
    case "struct":
    case "union":
    case "enum":
      return `${type.kind} ${type.name === "" ? "{…}" : type.name}`;
    case "fwd":
      return `${type.of} ${type.name}`;
    case "funcProto":
      return `${declarationOf(btf, type.returns)} (…)`;
    case "void":
      return "void";
    default:
      return type.name;
  }
}

function pointerTo(btf: Btf, to: number): string {
  const target = btf.type(to);
  if (target.kind === "funcProto") return `${declarationOf(btf, target.returns)} (*)(…)`;
  const text = declarationOf(btf, to);
  return text.endsWith("*") ? `${text}*` : `${text} *`;
}

/** `const` of a pointer stands behind its star, of anything else in front. */
function qualified(btf: Btf, type: Extract<BtfType, { kind: "const" | "volatile" | "restrict" }>): string {
  const text = declarationOf(btf, type.to);
  return text.endsWith("*") ? `${text} ${type.kind}` : `${type.kind} ${text}`;
}
