import type { Expression } from "oxc-parser";

/** Without what TypeScript erases and parentheses: `(x as T)` is `x`. Not `x!`: that hides a missing value. */
export function stripSyntax(node: Expression): Expression {
  switch (node.type) {
    case "ParenthesizedExpression":
    case "TSAsExpression":
    case "TSSatisfiesExpression":
    case "TSTypeAssertion":
    case "TSInstantiationExpression":
      return stripSyntax(node.expression);
    default:
      return node;
  }
}

/** What a piece of syntax is called, and what to write instead: for everything kernel code cannot contain. */
const UNSUPPORTED: Readonly<Record<string, readonly [name: string, hint: string]>> = {
  ForInStatement: ["`for … in`", "name the fields; arrays and maps can be looped over with for (const x of list)"],
  ThrowStatement: ["`throw`", "return early instead; the kernel has no exceptions"],
  TryStatement: ["`try`", "nothing throws in kernel code: test values instead"],
  WithStatement: ["`with`", "name the object"],
  DebuggerStatement: ["`debugger`", "call the handler from a unit test and debug it there"],
  FunctionDeclaration: ["a function inside a handler", "make it a module-level const with fn(…)"],
  FunctionExpression: ["a function inside a handler", "make it a module-level const with fn(…)"],
  ArrowFunctionExpression: ["a function inside a handler", "make it a module-level const with fn(…)"],
  ClassDeclaration: ["a class", "kernel code has no objects with methods"],
  ClassExpression: ["a class", "kernel code has no objects with methods"],
  NewExpression: ["`new`", "the kernel has no heap: keep state in maps"],
  ThisExpression: ["`this`", "use module-level constants"],
  Super: ["`super`", "kernel code has no classes"],
  AwaitExpression: ["`await`", "handlers run at once; wait in the callback"],
  YieldExpression: ["`yield`", "use an event channel: const c = event({…}); c.emit({…})"],
  TaggedTemplateExpression: ["a tagged template", "format texts in the callback"],
  RegExpLiteral: ["a regular expression", "test texts in the callback"],
  SequenceExpression: ["the comma operator", "write two statements"],
  ImportExpression: ["`import()`", "import at the top of the file"],
  MetaProperty: ["`import.meta`", "use it in the host part of the script"],
  AssignmentExpression: ["an assignment inside an expression", "make it a statement of its own"],
  UpdateExpression: ["`++` or `--` inside an expression", "make it a statement of its own"],
  SpreadElement: ["a spread", "list the fields"],
  TSNonNullExpression: ["`!` after a value", "test it: if (x === undefined) return;"],
  TSEnumDeclaration: ["an enum inside a handler", "declare it at module level"],
  PrivateInExpression: ["`#x in y`", "kernel code has no classes"],
  AssignmentPattern: ["a default for a parameter", "pass all arguments"],
  RestElement: ["a rest parameter", "list the parameters"],
  JSXElement: ["JSX", "return plain objects"],
  JSXFragment: ["JSX", "return plain objects"],
};

/** Name of a construct and the hint that helps. */
export function describeSyntax(type: string): { readonly name: string; readonly hint: string } {
  const found = UNSUPPORTED[type];
  return found === undefined
    ? { name: `this syntax (${type})`, hint: "see docs/language.md for what kernel code may contain" }
    : { name: found[0], hint: found[1] };
}
