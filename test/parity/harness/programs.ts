import fc, { type GeneratorValue } from "fast-check";

/** Types of generated expressions: bigint, number, boolean, and the first two with undefined. */
type Kind = "big" | "num" | "bool" | "bigOpt" | "numOpt";

interface Variable {
  readonly name: string;
  readonly kind: Kind;
  readonly mutable: boolean;
}

const BIG = [
  "0n",
  "1n",
  "2n",
  "7n",
  "-1n",
  "63n",
  "1000n",
  "0xffn",
  "4294967295n",
  "9223372036854775807n",
  "9223372036854775808n",
  "18446744073709551615n",
];
const NUM = [
  "0",
  "1",
  "2",
  "3",
  "-1",
  "7",
  "31",
  "32",
  "100",
  "-128",
  "65535",
  "2147483647",
  "-2147483648",
  "4294967295",
  "9007199254740991",
];

/** Makes one handler's statements, of the language that handlers may use, and now and then a mistake. */
class ProgramMaker {
  readonly #g: GeneratorValue;
  readonly #map: string;
  #scope: Variable[] = ["a", "b", "c", "d", "e"].map((name) => ({ name, kind: "big", mutable: false }));
  #names = 0;
  #loops = 0;

  constructor(g: GeneratorValue, map: string) {
    this.#g = g;
    this.#map = map;
  }

  #pick<T>(...options: readonly T[]): T {
    return options[this.#g(fc.nat, { max: options.length - 1 })] as T;
  }

  #chance(percent: number): boolean {
    return this.#g(fc.nat, { max: 99 }) < percent;
  }

  program(): string {
    const statements = Array.from({ length: 2 + this.#g(fc.nat, { max: 4 }) }, () => this.#statement(2));
    return [...statements, this.#send()].map((line) => `  ${line}`).join("\n");
  }

  #send(): string {
    const fields = Array.from(
      { length: 1 + this.#g(fc.nat, { max: 3 }) },
      (_, i) => `f${i}: ${this.#expression(this.#anyKind(), 3)}`,
    );
    if (this.#chance(15)) fields.push(`o: { x: ${this.#expression("num", 2)}, y: ${this.#expression("big", 2)} }`);
    if (this.#chance(10)) fields.push(`l: [${this.#expression("num", 2)}, ${this.#expression("num", 1)}]`);
    const event = `{ n, ${fields.join(", ")} }`;
    return this.#chance(10) ? `return ${this.#expression("bool", 2)} ? ${event} : undefined;` : `return ${event};`;
  }

  #anyKind(): Kind {
    return this.#pick<Kind>("big", "big", "num", "num", "bool", "bigOpt", "numOpt");
  }

  #block(depth: number): string {
    const outer = this.#scope;
    const lines = Array.from({ length: 1 + this.#g(fc.nat, { max: 1 }) }, () => this.#statement(depth - 1));
    this.#scope = outer;
    return `{ ${lines.join(" ")} }`;
  }

  #statement(depth: number): string {
    const kind = this.#pick("const", "const", "let", "assign", "assign", "if", "for", "return", "map", "narrow");
    if (kind === "const" || kind === "let" || depth === 0) return this.#declaration(kind === "let");
    if (kind === "assign") return this.#assignment();
    if (kind === "map")
      return `${this.#map}.${this.#pick(`set(${this.#expression("num", 1)}, ${this.#expression("big", 2)})`, `delete(${this.#expression("num", 1)})`)};`;
    if (kind === "if")
      return `if (${this.#expression("bool", 2)}) ${this.#block(depth)}${this.#chance(50) ? ` else ${this.#block(depth)}` : ""}`;
    if (kind === "for") return this.#loop(depth);
    if (kind === "narrow") return this.#narrowing(depth);
    return this.#chance(50)
      ? `if (${this.#expression("bool", 2)}) return;`
      : `if (${this.#expression("bool", 2)}) { ${this.#send()} }`;
  }

  #declaration(mutable: boolean): string {
    const kind = this.#anyKind();
    const value = this.#expression(kind, 3);
    const name = `v${this.#names++}`;
    this.#scope = [...this.#scope, { name, kind, mutable }];
    return `${mutable ? "let" : "const"} ${name} = ${value};`;
  }

  #assignment(): string {
    const found = this.#scope.filter(({ mutable }) => mutable);
    if (found.length === 0) return this.#declaration(true);
    const { name, kind } = this.#pick(...found);
    if (kind === "big" && this.#chance(40))
      return `${name} ${this.#pick("+=", "-=", "^=", "&=", "|=")} ${this.#expression("big", 2)};`;
    if (kind === "num" && this.#chance(50))
      return this.#chance(30)
        ? `${name}++;`
        : `${name} ${this.#pick("+=", "-=", "^=", "&=", "<<=", ">>>=")} ${this.#expression("num", 2)};`;
    return `${name} = ${this.#expression(kind, 3)};`;
  }

  #loop(depth: number): string {
    const i = `i${this.#loops++}`;
    const head = this.#pick(
      `let ${i} = 0; ${i} < 4; ${i}++`,
      `let ${i} = 5; ${i} > 0; ${i} -= 2`,
      `let ${i} = 0; ${i} <= 6; ${i} += 3`,
      `let ${i} = 0; ${i} < (${this.#expression("num", 1)}) && ${i} < 3; ${i}++`,
    );
    const outer = this.#scope;
    this.#scope = [...outer, { name: i, kind: "num", mutable: false }];
    const way = this.#chance(30) ? ` if (${this.#expression("bool", 2)}) ${this.#pick("break;", "continue;")}` : "";
    const body = this.#block(depth);
    this.#scope = outer;
    return `for (${head}) {${way} ${body} }`;
  }

  /** Tests an optional, and uses it in the branch where it has a value. */
  #narrowing(depth: number): string {
    const found = this.#scope.filter(({ kind }) => kind === "bigOpt" || kind === "numOpt");
    if (found.length === 0) return this.#declaration(false);
    const { name, kind } = this.#pick(...found);
    const outer = this.#scope;
    this.#scope = outer.map((variable) =>
      variable.name === name ? { ...variable, kind: kind === "bigOpt" ? "big" : "num", mutable: false } : variable,
    );
    const inside = this.#block(depth);
    this.#scope = outer;
    return `${this.#pick(`if (${name} !== undefined)`, `if (${name} !== undefined && ${this.#expression("bool", 1)})`, `if (${name})`)} ${inside}`;
  }

  #expression(kind: Kind, depth: number): string {
    // A wrong type here and there: the compiler must say so, not fall over.
    const wanted = this.#g(fc.nat, { max: 400 }) === 200 ? this.#anyKind() : kind;
    const variables = this.#scope.filter((variable) => variable.kind === wanted);
    if (variables.length > 0 && (depth === 0 || this.#chance(30))) return this.#pick(...variables).name;
    switch (wanted) {
      case "big":
        return depth === 0 ? this.#pick(...BIG) : this.#big(depth - 1);
      case "num":
        return depth === 0 ? this.#pick(...NUM) : this.#num(depth - 1);
      case "bool":
        return depth === 0 ? this.#pick("true", "false", "a > b", "c === d") : this.#bool(depth - 1);
      case "bigOpt":
        return depth > 0 && this.#chance(50)
          ? `(${this.#expression("bool", depth - 1)} ? ${this.#expression("big", depth - 1)} : undefined)`
          : `${this.#map}.get(${this.#expression("num", Math.max(0, depth - 1))})`;
      case "numOpt":
        return `(${this.#expression("bool", Math.max(0, depth - 1))} ? ${this.#expression("num", Math.max(0, depth - 1))} : undefined)`;
    }
  }

  #big(d: number): string {
    const x = (): string => this.#expression("big", d);
    return this.#pick<() => string>(
      () => `(${x()} ${this.#pick("+", "-", "*", "/", "%", "&", "|", "^")} ${x()})`,
      () => `(${x()} ${this.#pick("+", "-", "&", "|", "^")} ${x()})`,
      () => `(${x()} ${this.#pick(">>", "<<")} ${this.#pick("1n", "3n", "31n", "(c & 63n)", "40n")})`,
      () => `${this.#pick("-", "~")}${x()}`.replace(/^--/, "- -"),
      () => `BigInt.as${this.#pick("Int", "Uint")}N(${this.#pick(8, 16, 32, 64)}, ${x()})`,
      () => `BigInt(${this.#expression("num", d)})`,
      () => `(${this.#expression("bool", d)} ? ${x()} : ${x()})`,
      () => `(${this.#expression("bigOpt", d)} ?? ${x()})`,
      () => `ctx.args[${this.#pick("0", "4", "(Number(a & 3n))", "(Number(a & 7n))")}]`,
      // Of one type always: the checks inside a helper that is compiled for several types cannot be told apart in Node.
      () => `widest(a & ${x()}, b & ${x()})`,
      () => `(${x()} & 0xffffn)`,
    )();
  }

  #num(d: number): string {
    const x = (): string => this.#expression("num", d);
    return this.#pick<() => string>(
      () => `(${x()} ${this.#pick("+", "-", "*", "%", "&", "|", "^")} ${x()})`,
      () => `(${x()} ${this.#pick("<<", ">>", ">>>")} ${x()})`,
      () => `Math.trunc(${x()} / ${x()})`,
      () => `Math.${this.#pick("min", "max")}(${x()}, ${x()})`,
      () => `Math.abs(${x()})`,
      () => `${this.#pick("-", "~", "+")}${x()}`.replace(/^--/, "- -").replace(/^\+\+/, "+ +"),
      () => `Number(${this.#expression("big", d)} & ${this.#pick("0xffn", "0xffffffffn")})`,
      () => `Number(BigInt.asIntN(${this.#pick(8, 16, 32)}, ${this.#expression("big", d)}))`,
      () => `(${this.#expression("bool", d)} ? ${x()} : ${x()})`,
      () => `(${this.#expression("numOpt", d)} ?? ${x()})`,
      () => `(${x()} | 0)`,
      () => `scaled(${x()}, ${this.#expression("bool", d)})`,
    )();
  }

  #bool(d: number): string {
    const compare = this.#pick("===", "!==", "<", "<=", ">", ">=");
    return this.#pick<() => string>(
      () => `(${this.#expression("big", d)} ${compare} ${this.#expression("big", d)})`,
      () => `(${this.#expression("num", d)} ${compare} ${this.#expression("num", d)})`,
      () => `(${this.#expression("bool", d)} ${this.#pick("&&", "||")} ${this.#expression("bool", d)})`,
      () => `!${this.#expression(this.#pick<Kind>("bool", "big", "num"), d)}`,
      () => `(${this.#expression(this.#pick<Kind>("bigOpt", "numOpt"), d)} ${this.#pick("===", "!==")} undefined)`,
      () => `${this.#map}.has(${this.#expression("num", d)})`,
      () => `Boolean(${this.#expression(this.#pick<Kind>("big", "num", "bigOpt"), d)})`,
    )();
  }
}

/** What generated programs need outside of them. */
export const PROGRAM_HOST = `
const widest = fn((x: any, y: any) => { if (x > y) return x; return y; });
const scaled = fn((x: number, up: boolean) => (up ? x * 3 : Math.trunc(x / 3)));`;

export interface GeneratedProgram {
  readonly map: string;
  readonly statements: string;
}

/** So many programs, the same for one seed. */
export function makePrograms(count: number, seed: number): GeneratedProgram[] {
  const made = fc.sample(
    fc.gen().map((g) => new ProgramMaker(g, "MAP").program()),
    { numRuns: count, seed },
  );
  return made.map((statements, i) => ({ map: `g${i}`, statements: statements.replaceAll("MAP", `g${i}`) }));
}
