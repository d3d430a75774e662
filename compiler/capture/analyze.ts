import { childrenOf, type Node } from "./node.js";
import { type BindingKind, type Reference, Scope } from "./scope.js";

/** A call, with what is needed to ask which function it calls and what its result is assigned to. */
export interface CallSite {
  readonly node: Node;
  readonly scope: Scope;
  /** The nodes around the call, outermost first. */
  readonly ancestors: readonly Node[];
}

/** Names, uses and calls of one file. */
export interface Analysis {
  readonly scope: Scope;
  readonly references: readonly Reference[];
  readonly calls: readonly CallSite[];
  /** `import.meta` expressions. */
  readonly metaProperties: readonly Node[];
}

/** A part of a file is nested more deeply than our recursion takes. */
export class NestedTooDeeply extends Error {
  constructor(readonly node: Node) {
    super("nested too deeply");
  }
}

/**
 * Finds out what every name of a module refers to. Types are skipped: they leave nothing at run time.
 * @throws NestedTooDeeply
 */
export function analyzeModule(program: Node): Analysis {
  const analyzer = new Analyzer();
  try {
    analyzer.visitAll(program.body as Node[]);
  } catch (error) {
    // The stack of V8 has no more room.
    if (error instanceof RangeError) throw new NestedTooDeeply(analyzer.outermostLikeLast());
    throw error;
  }
  return analyzer;
}

class Analyzer implements Analysis {
  scope = new Scope("module", undefined);
  readonly references: Reference[] = [];
  readonly calls: CallSite[] = [];
  readonly metaProperties: Node[] = [];
  readonly #ancestors: Node[] = [];

  /** Of the nodes around the one at hand, all of its type without one of another between: the outermost, which is the whole sum or list. */
  outermostLikeLast(): Node {
    const { type } = this.#ancestors.at(-1) as Node;
    return this.#ancestors[this.#ancestors.findLastIndex((node) => node.type !== type) + 1] as Node;
  }

  visit(node: Node | null | undefined): void {
    if (node === null || node === undefined) return;
    const handler = HANDLERS[node.type];
    this.#ancestors.push(node);
    if (handler !== undefined) handler(node, this);
    // A TypeScript node without a handler is a type or an ambient declaration.
    else if (!node.type.startsWith("TS")) for (const child of childrenOf(node)) this.visit(child);
    this.#ancestors.pop();
  }

  visitAll(nodes: readonly (Node | null)[] | null | undefined): void {
    for (const node of nodes ?? []) this.visit(node);
  }

  within(kind: Scope["kind"], visit: () => void): void {
    const outer = this.scope;
    this.scope = new Scope(kind, outer);
    visit();
    this.scope = outer;
  }

  declare(id: Node | null | undefined, kind: BindingKind, more: { alias?: { init: Node; property?: string } } = {}): void {
    if (id?.type !== "Identifier") return;
    const scope = kind === "var" ? this.scope.varScope : this.scope;
    const name = id.name as string;
    // The parser counts a type annotation and the "?" as part of the name.
    const annotated = id.optional === true || (id.typeAnnotation ?? null) !== null;
    scope.declare({ name, kind, start: id.start, end: annotated ? id.start + name.length : id.end, ...more });
  }

  /** Declares the names of a destructuring pattern and visits the expressions in it (defaults, computed keys). */
  declarePattern(pattern: Node | null, kind: BindingKind, init?: Node): void {
    switch (pattern?.type) {
      case "Identifier":
        this.visitAll(pattern.decorators as Node[]);
        this.declare(pattern, kind, init === undefined ? {} : { alias: { init } });
        break;
      case "AssignmentPattern":
        this.declarePattern(pattern.left as Node, kind);
        this.visit(pattern.right as Node);
        break;
      case "RestElement":
        this.declarePattern(pattern.argument as Node, kind);
        break;
      case "ArrayPattern":
        for (const element of pattern.elements as (Node | null)[]) this.declarePattern(element, kind);
        break;
      case "TSParameterProperty":
        this.declarePattern(pattern.parameter as Node, kind);
        break;
      case "ObjectPattern":
        for (const property of pattern.properties as Node[]) this.#declareProperty(property, kind, init);
    }
  }

  #declareProperty(property: Node, kind: BindingKind, init: Node | undefined): void {
    if (property.type === "RestElement") {
      this.declarePattern(property, kind);
      return;
    }
    const key = property.key as Node;
    const value = property.value as Node;
    if (property.computed === true) this.visit(key);
    const isAlias = init !== undefined && property.computed !== true && key.type === "Identifier" && value.type === "Identifier";
    if (isAlias) this.declare(value, kind, { alias: { init, property: key.name as string } });
    else this.declarePattern(value, kind);
  }

  visitFunction(node: Node): void {
    this.within("function", () => {
      if (node.type !== "ArrowFunctionExpression")
        this.scope.declare({ name: "arguments", kind: "parameter", start: node.start, end: node.start });
      for (const parameter of node.params as Node[]) this.declarePattern(parameter, "parameter");
      const body = node.body as Node | null;
      // Defaults of parameters do not see the body's variables, so the body has a scope of its own.
      if (body?.type === "BlockStatement") this.within("function", () => this.visitAll(body.body as Node[]));
      else this.visit(body);
    });
  }

  visitClass(node: Node): void {
    this.visitAll(node.decorators as Node[]);
    this.within("block", () => {
      this.declare(node.id as Node | null, "class");
      this.visit(node.superClass as Node | null);
      this.visit(node.body as Node);
    });
  }

  addReference(node: Node): void {
    this.references.push({ name: node.name as string, start: node.start, end: node.end, scope: this.scope });
  }

  addCall(node: Node): void {
    this.calls.push({ node, scope: this.scope, ancestors: this.#ancestors.slice(0, -1) });
  }
}

type Handler = (node: Node, to: Analyzer) => void;

const nothing: Handler = () => {};
const expressionOnly: Handler = (node, to) => to.visit(node.expression as Node);
const block: Handler = (node, to) =>
  to.within("block", () => {
    for (const child of childrenOf(node)) to.visit(child);
  });
const member: Handler = (node, to) => {
  to.visitAll(node.decorators as Node[]);
  if (node.computed === true) to.visit(node.key as Node);
  to.visit(node.value as Node | null);
};

const HANDLERS: Readonly<Record<string, Handler>> = {
  Identifier: (node, to) => to.addReference(node),
  VariableDeclaration(node, to) {
    if (node.declare === true) return;
    const kind = node.kind === "let" || node.kind === "var" ? node.kind : "const";
    for (const declarator of node.declarations as Node[]) {
      const init = declarator.init as Node | null;
      to.declarePattern(declarator.id as Node, kind, kind === "const" && init !== null ? init : undefined);
      // The call's ancestors shall show the declarator: it names the probe.
      to.visit(declarator);
    }
  },
  VariableDeclarator: (node, to) => to.visit(node.init as Node | null),

  FunctionDeclaration(node, to) {
    if (node.declare === true) return;
    to.declare(node.id as Node | null, "function");
    to.visitFunction(node);
  },
  FunctionExpression: (node, to) =>
    to.within("block", () => {
      to.declare(node.id as Node | null, "function");
      to.visitFunction(node);
    }),
  ArrowFunctionExpression: (node, to) => to.visitFunction(node),
  ClassDeclaration(node, to) {
    if (node.declare === true) return;
    to.declare(node.id as Node | null, "class");
    to.visitClass(node);
  },
  ClassExpression: (node, to) => to.visitClass(node),
  StaticBlock: (node, to) => to.within("function", () => to.visitAll(node.body as Node[])),
  MethodDefinition: member,
  PropertyDefinition: member,
  AccessorProperty: member,

  BlockStatement: block,
  ForStatement: block,
  ForInStatement: block,
  ForOfStatement: block,
  SwitchStatement(node, to) {
    to.visit(node.discriminant as Node);
    to.within("block", () => to.visitAll(node.cases as Node[]));
  },
  CatchClause: (node, to) =>
    to.within("block", () => {
      to.declarePattern(node.param as Node | null, "let");
      to.visit(node.body as Node);
    }),
  LabeledStatement: (node, to) => to.visit(node.body as Node),
  BreakStatement: nothing,
  ContinueStatement: nothing,

  MemberExpression(node, to) {
    to.visit(node.object as Node);
    if (node.computed === true) to.visit(node.property as Node);
  },
  Property: member,
  CallExpression(node, to) {
    to.addCall(node);
    for (const child of childrenOf(node)) to.visit(child);
  },
  MetaProperty(node, to) {
    if ((node.meta as Node).name === "import") to.metaProperties.push(node);
  },

  ImportDeclaration(node, to) {
    const source = (node.source as Node).value as string;
    for (const specifier of node.specifiers as Node[]) {
      const local = specifier.local as Node;
      const typeOnly = node.importKind === "type" || specifier.importKind === "type";
      const imported = { source, name: importedName(specifier), typeOnly };
      to.scope.declare({ name: local.name as string, kind: "import", start: local.start, end: local.end, imported });
    }
  },
  ExportNamedDeclaration(node, to) {
    if (node.exportKind === "type" || node.source !== null) return;
    to.visit(node.declaration as Node | null);
    for (const specifier of node.specifiers as Node[]) if (specifier.exportKind !== "type") to.visit(specifier.local as Node);
  },
  ExportAllDeclaration: nothing,

  TSAsExpression: expressionOnly,
  TSSatisfiesExpression: expressionOnly,
  TSNonNullExpression: expressionOnly,
  TSTypeAssertion: expressionOnly,
  TSInstantiationExpression: expressionOnly,
  TSExportAssignment: expressionOnly,
  TSEnumDeclaration(node, to) {
    if (node.declare === true) return;
    to.declare(node.id as Node, "enum");
    const members = ((node.body as Node | undefined)?.members ?? node.members ?? []) as Node[];
    to.within("block", () => {
      for (const { id } of members) to.declare(id as Node, "const");
      for (const { initializer } of members) to.visit(initializer as Node | null);
    });
  },
  TSModuleDeclaration(node, to) {
    if (node.declare === true || node.kind === "global") return;
    to.declare(node.id as Node, "const");
    const body = node.body as Node | null;
    if (body !== null) to.within("function", () => to.visitAll(body.body as Node[]));
  },
  TSImportEqualsDeclaration(node, to) {
    if (node.importKind !== "type") to.declare(node.id as Node, "import");
  },
};

function importedName(specifier: Node): string {
  if (specifier.type === "ImportNamespaceSpecifier") return "*";
  if (specifier.type === "ImportDefaultSpecifier") return "default";
  return moduleName(specifier.imported as Node);
}

/** The text of a name in an import or export clause, which may be a string: `export { x as "a-b" }`. */
export function moduleName(node: Node): string {
  return (node.type === "Literal" ? node.value : node.name) as string;
}
