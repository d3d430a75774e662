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
  /** Labels of the loops around. */
  #labels: string[] = [];
  /** Loops of many rounds around: nothing inside of them has many rounds, too. */
  #many = false;

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
    if (this.#chance(12)) fields.push(`t: ${this.#text()}`);
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
    const kind = this.#pick(
      ...(["const", "const", "let", "assign", "assign", "if", "for", "return", "map", "narrow"] as const),
      ...(["switch", "take", "loop", "of", "each"] as const),
    );
    if (kind === "take") return this.#taking();
    if (kind === "const" || kind === "let" || depth === 0) return this.#declaration(kind === "let");
    if (kind === "switch") return this.#switch(depth);
    if (kind === "loop") return this.#freeLoop(depth);
    if (kind === "of") return this.#listLoop(depth);
    if (kind === "each") return this.#mapLoop();
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
    if ((kind === "bigOpt" || kind === "numOpt") && this.#chance(50))
      return `${name} ${this.#pick("??=", "||=", "&&=")} ${this.#expression(kind === "bigOpt" ? "big" : "num", 2)};`;
    if (kind === "bool" && this.#chance(40)) return `${name} ${this.#pick("||=", "&&=")} ${this.#expression("bool", 2)};`;
    const other = found.find((variable) => variable.kind === kind && variable.name !== name);
    if (other !== undefined && this.#chance(25)) return `[${name}, ${other.name}] = [${other.name}, ${name}];`;
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
    if (!this.#many && this.#chance(8)) return this.#manyRounds(i);
    return this.#looped(depth, [{ name: i, kind: "num", mutable: false }], (body) => `for (${head}) ${body}`);
  }

  /** A loop around a block, perhaps with a label, and with a jump in it. */
  #looped(depth: number, variables: readonly Variable[], make: (body: string) => string): string {
    const label = this.#chance(25) ? `l${this.#loops++}` : undefined;
    const outer = this.#scope;
    this.#scope = [...outer, ...variables];
    if (label !== undefined) this.#labels.push(label);
    const ways = ["break;", "continue;", ...this.#labels.flatMap((name) => [`break ${name};`, `continue ${name};`])];
    const way = this.#chance(35) ? ` if (${this.#expression("bool", 2)}) ${this.#pick(...ways)}` : "";
    const body = this.#block(depth);
    if (label !== undefined) this.#labels.pop();
    this.#scope = outer;
    return `${label === undefined ? "" : `${label}: `}${make(`{${way} ${body} }`)}`;
  }

  /** So many rounds that each is called, with little in it. */
  #manyRounds(i: string): string {
    const [x, count] = [`v${this.#names++}`, `v${this.#names++}`];
    this.#many = true;
    const outer = this.#scope;
    this.#scope = [...outer, { name: i, kind: "num", mutable: false }];
    const test = this.#expression("bool", 1);
    const inner = this.#chance(30) ? ` if (${x} === ${this.#pick("0n", "5n", "77n")}) ${this.#pick("break;", "continue;")}` : "";
    this.#many = false;
    this.#scope = [...outer, { name: x, kind: "big", mutable: false }, { name: count, kind: "num", mutable: false }];
    const next = this.#pick(`(${x} * 75n + 74n) % 65537n`, `(${x} ^ BigInt(${i})) & 0xffffn`, `${x} / 2n + (a & 0xffn)`);
    return `let ${x} = b & 0xffffn; let ${count} = 0; for (let ${i} = 0; ${i} < ${this.#pick(600, 1000, 3000)}; ${i}++) { ${x} = ${next};${inner} if (${test}) ${count}++; }`;
  }

  /** while, do … while, and for without a counter; what ends them is counted down first of all. */
  #freeLoop(depth: number): string {
    const left = `w${this.#loops++}`;
    const start = this.#pick("3", "Number(a & 3n)", "Number(b & 7n)");
    const more = this.#chance(40) ? ` && ${this.#expression("bool", 2)}` : "";
    const form = this.#pick<(body: string) => string>(
      (body) => `while (${left} > 0${more}) { ${left}--; ${body} }`,
      (body) => `do { ${left}--; ${body} } while (${left} > 0${more});`,
      (body) => `for (;;) { if (${left} <= 0) break; ${left} -= 1; ${body} }`,
      (body) => `for (; ${left} !== 0; ${left}--) ${body}`,
    );
    return `let ${left} = ${start}; ${this.#looped(depth, [{ name: left, kind: "num", mutable: false }], form)}`.replace(
      /^(let [^;]*;) (l\d+): (.*)$/,
      "$1 $2: $3",
    );
  }

  #listLoop(depth: number): string {
    const x = `v${this.#names++}`;
    const [kind, list] = this.#pick<readonly [Kind, string]>(
      ["big", "ctx.args"],
      ["big", `[${this.#expression("big", 1)}, ${this.#expression("big", 1)}, a]`],
      ["num", `[${this.#expression("num", 1)}, 5]`],
      ["num", "NUMS"],
      ["big", "BIGS"],
    );
    if (this.#chance(25)) {
      const y = `v${this.#names++}`;
      const variables: Variable[] = [
        { name: x, kind: "num", mutable: false },
        { name: y, kind: "big", mutable: false },
      ];
      return this.#looped(depth, variables, (body) => `for (const { few: ${x}, many: ${y} } of RECORDS) ${body}`);
    }
    return this.#looped(depth, [{ name: x, kind, mutable: this.#chance(20) }], (body) => `for (let ${x} of ${list}) ${body}`);
  }

  /** Entries come in another order in the kernel, so only what does not depend on it is done. */
  #mapLoop(): string {
    const [sum, keys] = [`v${this.#names++}`, `v${this.#names++}`];
    const jump = this.#chance(50) ? `if (key ${this.#pick("<", ">", "!==")} ${this.#pick("3", "100", "255")}) continue; ` : "";
    this.#scope = [...this.#scope, { name: sum, kind: "big", mutable: false }, { name: keys, kind: "num", mutable: false }];
    return `let ${sum} = 0n; let ${keys} = 0; for (const [key, value] of ${this.#map}) { ${jump}${sum} ^= value; ${keys} ^= key; }`;
  }

  #switch(depth: number): string {
    const [subject, labels] = this.#pick<readonly [string, readonly string[]]>(
      [`(${this.#expression("num", 1)} & 3)`, ["0", "1", "2", "3"]],
      [`(${this.#expression("big", 1)} & 3n)`, ["0n", "1n", "3n"]],
      [this.#expression("num", 1), ["0", "-1", "65535", this.#expression("num", 1)]],
      ["comm()", ['"parity"', '"parity-test"', '"x"']],
      ["true", [this.#expression("bool", 1), this.#expression("bool", 1)]],
    );
    const heads = labels.map((label) => `case ${label}:`);
    if (this.#chance(60)) heads.splice(this.#g(fc.nat, { max: heads.length }), 0, "default:");
    const cases = heads.map((head) => {
      const body = this.#chance(25) ? "" : this.#block(depth);
      return `${head} ${body}${this.#chance(60) ? " break;" : ""}`;
    });
    return `switch (${subject}) { ${cases.join(" ")} }`;
  }

  /** Declares variables by a pattern. */
  #taking(): string {
    const [x, y] = [`v${this.#names++}`, `v${this.#names++}`];
    const mutable = this.#chance(30);
    const [big, num] = [this.#expression("big", 2), this.#expression("num", 2)];
    const text = this.#pick(
      `{ p: ${x}, q: ${y} } = { p: ${big}, q: ${num} }`,
      `{ o: { p: ${x} }, l: [, ${y}] } = { o: { p: ${big} }, l: [1, ${num}] }`,
      `{ p: ${x} = ${this.#pick("a", "b", "5n", "(c & 0xffn)")}, q: ${y} = 3 } = { p: ${this.#map}.get(${this.#expression("num", 1)}), q: ${this.#expression("numOpt", 1)} }`,
    );
    this.#scope = [...this.#scope, { name: x, kind: "big", mutable }, { name: y, kind: "num", mutable }];
    return `${mutable ? "let" : "const"} ${text};`;
  }

  /** A text that Node puts together. */
  #text(): string {
    const part = (): string => this.#expression(this.#anyKind(), 2);
    return this.#chance(60)
      ? `\`\${${part()}}:\${${part()}}\``
      : `"x" + ${this.#expression("num", 1)} + "/" + ${this.#expression("big", 1)}`;
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
      () => `folded(a & ${x()}, ${this.#expression("bool", d)})`,
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
      () => `classified(${x()})`,
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
const NUMS = [3, 1, 4, 1, 5, 9, 2, 6]; const BIGS = [0n, 7n, 18446744073709551615n, 1n, 2n, 3n];
const RECORDS = [{ few: 1, many: 5n }, { few: -2, many: 18446744073709551615n }, { few: 300, many: 0n }];
const folded = fn((x: bigint, once: boolean) => { let left = x; let h = 7n; while (left > 0n) { h = (h ^ (left & 0xffn)) * 31n % 1000003n; left >>= 8n; if (once) break; } return h; });
const classified = fn((x: number) => { switch (x & 15) { case 0: return 100; case 1: case 2: return x % 50; case 3: break; default: if (x > 1000) return 1; } for (const p of NUMS) if (p === (x & 7)) return p; return -1; });
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
