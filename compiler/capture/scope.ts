import type { Node } from "./node.js";

export type BindingKind = "const" | "let" | "var" | "function" | "class" | "import" | "parameter" | "enum";

/** A name declared in a file. */
export interface Binding {
  readonly name: string;
  readonly kind: BindingKind;
  /** The declared name's place. */
  readonly start: number;
  readonly end: number;
  readonly scope: Scope;
  /** What the name was imported as; set for kind "import" from an `import` statement. */
  readonly imported?: ImportedName;
  /** `const name = init`, or `const { property: name } = init`: lets aliases be followed. */
  readonly alias?: { readonly init: Node; readonly property?: string };
}

export interface ImportedName {
  /** The specifier as written: "./hooks.js". */
  readonly source: string;
  /** Exported name in the other module, or "*" for the module itself. */
  readonly name: string;
  /** `import type`: there is no value at run time. */
  readonly typeOnly: boolean;
}

/** A use of a name as a value. */
export interface Reference {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly scope: Scope;
}

/** "function" and "module" scopes receive `var` declarations, "block" scopes do not. */
export type ScopeKind = "module" | "function" | "block";

export class Scope {
  readonly bindings = new Map<string, Binding>();

  constructor(
    readonly kind: ScopeKind,
    readonly parent: Scope | undefined,
  ) {}

  /** Adds a declaration; the first of several with one name stands (overloads, `var` twice, merged namespaces). */
  declare(binding: Omit<Binding, "scope">): void {
    if (!this.bindings.has(binding.name)) this.bindings.set(binding.name, { ...binding, scope: this });
  }

  /** The scope that a `var` written here belongs to. */
  get varScope(): Scope {
    let scope: Scope = this;
    while (scope.kind === "block" && scope.parent !== undefined) scope = scope.parent;
    return scope;
  }

  /** What a name means here; undefined for globals. Call it when the whole file has been walked: declarations hoist. */
  lookup(name: string): Binding | undefined {
    for (let scope: Scope | undefined = this; scope !== undefined; scope = scope.parent) {
      const binding = scope.bindings.get(name);
      if (binding !== undefined) return binding;
    }
    return undefined;
  }
}
