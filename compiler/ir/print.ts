import type { Expr, IrModule, PathStep, Stmt } from "./nodes.js";
import { describeType, type IrType } from "./types.js";

/** The IR as text: for `tsprobe show ir` and for tests of passes. */
export function printModule(module: IrModule): string {
  const helpers = module.helpers.map((helper) => {
    const parameters = helper.parameters.map((p) => `${p.cName}: ${describeType(p.type)}`).join(", ");
    return `fn ${helper.cName}(${parameters}): ${describeType(helper.result)}\n${printStatements(helper.body)}`;
  });
  const handlers = module.handlers.map(
    (h) => `${h.hook.section.split("/", 1)[0]} ${h.hook.title} -> ${module.streamNames[h.stream]}\n${printStatements(h.body)}`,
  );
  return `${[...helpers, ...handlers].join("\n\n")}\n`;
}

/** Statements, one a line, nested ones indented. */
export function printStatements(statements: readonly Stmt[], depth = 1): string {
  const indent = "  ".repeat(depth);
  return statements.map((s) => `${indent}${printStatement(s, depth)}`).join("\n");
}

function printStatement(s: Stmt, depth: number): string {
  const nested = (list: readonly Stmt[]) => (list.length === 0 ? "" : `\n${printStatements(list, depth + 1)}`);
  switch (s.kind) {
    case "declare":
      return `${s.local.mutable ? "let" : "const"} ${s.local.cName}: ${typeText(s.local.type)} = ${s.value === undefined ? "-" : printIr(s.value)}`;
    case "assign":
      return `${s.local.cName} = ${printIr(s.value)}`;
    case "evaluate":
      return printIr(s.value);
    case "if":
      return `if ${printIr(s.test)}${nested(s.yes)}${s.no.length === 0 ? "" : `\n${"  ".repeat(depth)}else${nested(s.no)}`}`;
    case "loop":
      return `loop ${s.testAfter ? "and test, " : ""}at most ${s.bound}${s.site === undefined ? "" : "!"}${s.callback ? " by call" : ""} while ${printIr(s.test)}${nested([...s.init, ...s.body, ...s.update])}`;
    case "switch":
      return `switch${s.cases.map((c) => `\n${"  ".repeat(depth)}${c.test === undefined ? "default" : `case ${printIr(c.test)}`}${nested(c.body)}`).join("")}`;
    case "each":
      return `each of ${s.map.name}${nested(s.body)}`;
    case "labelled":
    case "block":
      return `block${nested(s.body)}`;
    case "send":
      return s.event === undefined ? "end" : `send ${printIr(s.event)}`;
    case "return":
      return s.value === undefined ? "return" : `return ${printIr(s.value)}`;
    default:
      return s.kind;
  }
}

/** Integers with their range, the rest as TypeScript would say it. */
function typeText(type: IrType): string {
  if (type.kind === "number") return `number[${type.range.min}..${type.range.max}]`;
  if (type.kind === "bigint") return `${type.signed ? "s64" : "u64"}[${type.range.min}..${type.range.max}]`;
  return describeType(type);
}

/** An expression; `!` marks operations with a check that can end the run. */
export function printIr(e: Expr): string {
  const check = ("site" in e && e.site !== undefined) || ("zero" in e && e.zero !== undefined) ? "!" : "";
  switch (e.kind) {
    case "constant":
      return typeof e.value === "string" ? JSON.stringify(e.value) : e.type.kind === "bigint" ? `${e.value}n` : String(e.value);
    case "local":
      return e.local.cName;
    case "context-field":
      return `${printIr(e.context)}.${e.field.name}`;
    case "arithmetic":
    case "bits":
      return `(${printIr(e.left)} ${e.op}${check} ${printIr(e.right)})`;
    case "compare":
      return `(${printIr(e.left)} ${e.op} ${printIr(e.right)})`;
    case "and":
    case "or":
    case "default":
      return `(${printIr(e.left)} ${{ and: "&&", or: "||", default: "??" }[e.kind]} ${printIr(e.right)})`;
    case "conditional":
      return `(${printIr(e.test)} ? ${printIr(e.yes)} : ${printIr(e.no)})`;
    case "same-text":
    case "minimum":
    case "maximum":
      return `${e.kind}(${printIr(e.left)}, ${printIr(e.right)})`;
    case "convert":
    case "label":
    case "reshape":
      return `${e.kind}${check}<${typeText(e.type)}>(${printIr(e.operand)})`;
    case "cut":
      return `cut${e.bits}(${printIr(e.operand)})`;
    case "negate":
    case "bit-not":
    case "not":
    case "truth":
    case "present":
    case "unwrap":
    case "wrap":
      return `${e.kind}${check}(${printIr(e.operand)})`;
    case "builtin":
      return `${e.call}${check}(${e.arguments.map(printIr).join(", ")})`;
    case "ip":
      return `ip(${printIr(e.bytes)})`;
    case "element":
      return `${printIr(e.array)}[${printIr(e.index)}]${check}`;
    case "field":
      return `${printIr(e.object)}.${e.name}`;
    case "object":
      return `{ ${e.fields.map((f) => `${f.name}: ${printIr(f.value)}`).join(", ")} }`;
    case "template":
      return `text(${e.type.kind === "template" ? e.type.texts.map((text, i) => `${JSON.stringify(text)}${e.elements[i] === undefined ? "" : `, ${printIr(e.elements[i])}, `}`).join("") : ""})`;
    case "array":
    case "table":
      return `[${e.elements.map(printIr).join(", ")}]`;
    case "map-get":
    case "map-has":
    case "map-delete":
      return `${e.map.name}.${e.kind.slice(4)}(${printIr(e.key)})`;
    case "map-set":
      return `${e.map.name}.set(${printIr(e.key)}, ${printIr(e.value)})`;
    case "map-add":
      return `${e.map.name}.add(${printIr(e.key)}, ${printIr(e.value)})`;
    case "stash-put":
      return `${e.map.name}.put(${printIr(e.key)}${e.value === undefined ? "" : `, ${printIr(e.value)}`})`;
    case "stash-take":
      return `${e.map.name}.take(${printIr(e.key)}${e.least === undefined ? "" : `, ${printIr(e.least)}`})`;
    case "in-range":
      return `below${check}${e.limit}(${printIr(e.operand)})`;
    case "aggregate":
      return `${e.aggregation.name}.add(${[e.key, e.value].flatMap((part) => (part === undefined ? [] : [printIr(part)])).join(", ")})`;
    case "option":
      return `option ${e.option.long}`;
    case "option-size":
      return `option ${e.option.long}.size`;
    case "option-has":
      return `option ${e.option.long}.has(${printIr(e.value)})`;
    case "option-find":
      return `option ${e.option.long}.find(${printIr(e.value)})`;
    case "kernel-read":
      return `read!(${printIr(e.pointer)}${printPath(e.path, e.indices)})`;
    case "kernel-address":
      return `address(${printIr(e.pointer)}${printPath(e.path, e.indices)})`;
    case "kernel-has":
      return `has(${printPath(e.path, []).slice(1)})`;
    case "kernel-peek":
      return `peek!<${e.integer.signed ? "s" : "u"}${e.integer.size * 8}>(${printIr(e.address)})`;
    case "enum-value":
      return `enum ${e.enumeration.name}.${e.member}`;
    case "bounded":
      return `below!${e.count ?? ""}(${printIr(e.operand)})`;
    case "kptr":
      return `kptr(${printIr(e.address)})`;
    case "if-not-null":
      return `(${e.bound.cName} = ${printIr(e.pointer)} ? ${printIr(e.result)} : undefined)`;
    case "let":
      return `(${e.bound.cName} = ${printIr(e.source)}, ${printIr(e.result)})`;
    case "call":
      return `${e.helper.cName}(${e.arguments.map(printIr).join(", ")})`;
    case "emit":
      return `${e.bound === undefined || e.source === undefined ? "" : `${e.bound.cName} = ${printIr(e.source)}, `}${e.channel.name}.emit(${printIr(e.event)})`;
  }
}

/** The way to a member of a kernel struct. */
function printPath(path: readonly PathStep[], indices: readonly Expr[]): string {
  const open = [...indices];
  return path
    .map((step) => {
      if (step.kind === "member") return `.${step.member}`;
      const index = step.at === undefined ? open.shift() : undefined;
      return `[${index === undefined ? (step.at ?? "") : printIr(index)}]`;
    })
    .join("");
}
