import { holdsLong } from "../ir/long.js";
import type { Expr, Local, Stmt } from "../ir/nodes.js";
import { visitStatements } from "../ir/walk.js";
import { hasStorage } from "./c-types.js";
import { callsFailing, canFail, someExpr } from "./failing.js";
import type { Jump } from "./jumps.js";
import { printExit, spend } from "./loops.js";
import { loadValue, sideType } from "./maps.js";
import { type FunctionPrinter, LEFT, type ProgramPrinter, type RoundExits } from "./printer.js";
import { SCRATCH } from "./scratch.js";
import { printStatements } from "./statement.js";
import { bare } from "./text.js";

type Loop = Extract<Stmt, { kind: "loop" }>;
type Each = Extract<Stmt, { kind: "each" }>;

/** Prints the rounds that are functions of their own: their definitions. Gives their declarations, which stand before all code. */
export function printRounds(printer: ProgramPrinter): string {
  const printed = new Set<string>();
  for (let found = true; found; ) {
    found = false;
    for (const [name, { print }] of [...printer.rounds]) {
      if (printed.has(name)) continue;
      printed.add(name);
      print();
      found = true;
    }
  }
  return [...printer.rounds.values()].map(({ declaration }) => `${declaration}\n`).join("");
}

/**
 * A loop whose rounds bpf_loop calls (kernel/bpf/bpf_iter.c). The variables of the function that a round uses travel in a struct on
 * the stack, to which the round gets a pointer; what it changes comes back the same way.
 */
export function printCalledLoop(p: FunctionPrinter, s: Loop): void {
  const all = [s.test, ...s.body, ...s.update];
  // With a limit one round more is called, which finds out whether the loop would go on.
  const calls = s.site !== undefined && !s.testAfter ? s.bound + 1 : s.bound;
  printRound(p, s, all, {
    parameters: "__u64 tsp_round",
    call: (name, frame) => `bpf_loop(${calls}, ${name}, &${frame}, 0);`,
    mayBeNone: false,
    body: (round, exits) => {
      const { out } = round.program;
      const limit = (most: number) => {
        if (s.site !== undefined) out.statement(s.test.span, `if (tsp_round >= ${most}${spend(s)}) ${round.fail(s.site)}`);
      };
      if (!s.testAfter) {
        printExit(round, s.test, exits.leave(LEFT.loop));
        limit(s.bound);
      }
      out.line("{");
      out.indented(() => printStatements(round, s.body));
      out.line("}");
      exits.printNext();
      printStatements(round, s.update);
      if (s.testAfter) {
        printExit(round, s.test, exits.leave(LEFT.loop));
        limit(s.bound - 1);
      }
    },
  });
}

/** `for (const [key, value] of map)`: bpf_for_each_map_elem calls a round for every entry (kernel/bpf/hashtab.c). */
export function printEach(p: FunctionPrinter, s: Each): void {
  const { types } = p.program;
  const [keyType, valueType] = (["key", "value"] as const).map((side) => sideType(s.map, side, types));
  const { out } = p.program;
  out.line("{");
  out.indented(() => {
    printRound(p, s, s.body, {
      parameters: `void *tsp_map UNUSED, ${keyType} *tsp_key UNUSED, ${valueType} *tsp_value UNUSED`,
      call: (name, frame) => `bpf_for_each_map_elem(&${s.map.cName}, ${name}, &${frame}, 0);`,
      mayBeNone: true,
      body: (round, exits) => {
        for (const side of ["key", "value"] as const) {
          const local = s[side];
          if (local === undefined) continue;
          out.statement(s.span, `${types.of(local.type)} ${local.cName} = ${types.zero(local.type)};`);
          for (const line of loadValue(round, local.cName, `tsp_${side}`, s.map[side])) out.statement(s.span, line);
        }
        out.line("{");
        out.indented(() => printStatements(round, s.body));
        out.line("}");
        exits.printNext();
      },
    });
    const after = p.jumps.label({ kind: "break", target: s.id });
    if (after !== undefined) out.line(after);
  });
  out.line("}");
}

interface Exits extends RoundExits {
  /** The place where `continue` leads. */
  printNext(): void;
}

const NO_EXITS: Exits = { leave: () => "", jump: () => "", printNext: () => {} };

interface RoundForm {
  readonly parameters: string;
  /** The statement that calls all rounds. */
  readonly call: (name: string, frame: string) => string;
  /** Whether there may be no round at all. */
  readonly mayBeNone: boolean;
  readonly body: (round: FunctionPrinter, exits: Exits) => void;
}

function printRound(p: FunctionPrinter, s: Loop | Each, parts: readonly (Expr | Stmt)[], form: RoundForm): void {
  const { out, types } = p.program;
  const name = p.roundName();
  const { used, changed } = variablesOf(parts, s);
  const kept = used.filter((local) => !changed.includes(local));
  const outside = jumpsOutside(parts, s.id);
  // Builtins may ask for the context by its C name.
  const named = used.some((local) => local.cName === p.contextName);
  const context = !named && someExpr(statementsIn(parts), (expr) => expr.kind === "builtin") ? p.contextName : undefined;
  const result = p.result === "handler" || !hasStorage(p.result) || !returns(parts) ? undefined : types.of(p.result);
  // What its long texts need, of the room of the function around: every round fills it again.
  const trial = p.forRound(name, NO_EXITS);
  out.apart(() => form.body(trial, NO_EXITS));
  const scratch = trial.frame > 0 ? p.scratch(trial.frame) : undefined;
  const member = (local: Local) => `${types.of(local.type)} ${local.cName};`;
  const members = [
    ...changed.filter(isBlurred).map(member),
    "__u64 tsp_left;",
    ...(changed.length > 0 ? ["__u64 tsp_zero;"] : []),
    ...(result === undefined ? [] : [`${result} tsp_result;`]),
    ...[...changed.filter((local) => !isBlurred(local)), ...kept].map(member),
    ...(context === undefined ? [] : [`void *${context};`]),
    ...(scratch === undefined ? [] : [`char *${SCRATCH};`]),
  ];
  const signature = `static long ${name}(${form.parameters}, struct ${name} *tsp_frame)`;
  p.program.rounds.set(name, {
    declaration: `struct ${name} { ${members.join(" ")} };\n${signature};`,
    print: () =>
      printDefinition(p, s, name, signature, {
        used,
        changed,
        outside,
        context,
        scratch: scratch !== undefined,
        body: form.body,
        fails: callsFailing(p.program, statementsIn(parts)),
      }),
  });

  const frame = p.temporary("frame");
  const at = (text: string) => out.statement(s.span, text);
  at(`struct ${name} ${frame} = {};`);
  for (const name of [...used.map(({ cName }) => cName), ...(context === undefined ? [] : [context])])
    at(`${frame}.${name} = ${name};`);
  if (scratch !== undefined) at(`${frame}.${SCRATCH} = ${bare(scratch)};`);
  const blur = `tsp_blur((__u64 *)&${frame}, ${words(name)}, ${frame}.tsp_zero);`;
  if (changed.length > 0) at(`${frame}.tsp_zero = tsp_zero(); ${blur}`);
  at(form.call(name, frame));
  if (changed.length > 0 && form.mayBeNone) at(blur);
  for (const local of changed) at(`${local.cName} = ${frame}.${local.cName};`);
  const left = `${frame}.tsp_left`;
  if (mayEndRun(p, s, parts)) at(`if (${left} == ${LEFT.run}) { ${p.leave()} }`);
  if (p.result !== "handler" && returns(parts))
    at(`if (${left} == ${LEFT.returned}) { ${p.finish(result === undefined ? undefined : `${frame}.tsp_result`)} }`);
  for (const [i, jump] of outside.entries()) at(`if (${left} == ${LEFT.jumps + i}) { ${p.jump(jump)} }`);
}

/** Whether the verifier may forget a variable's value: not that of an address. */
const isBlurred = ({ type }: Local): boolean => !holdsLong(type);

/** How many words of 8 bytes the variables take that a round changes. */
const words = (frame: string): string => `__builtin_offsetof(struct ${frame}, tsp_left) / 8`;

interface Definition {
  readonly used: readonly Local[];
  readonly changed: readonly Local[];
  readonly outside: readonly Jump[];
  readonly context: string | undefined;
  readonly scratch: boolean;
  readonly body: RoundForm["body"];
  readonly fails: boolean;
}

function printDefinition(p: FunctionPrinter, s: Loop | Each, name: string, signature: string, round: Definition): void {
  const { out, types } = p.program;
  let continued = false;
  const leave = (code: number) => `tsp_left = ${code}; goto tsp_out;`;
  const exits: Exits = {
    leave: (code) => `{ ${leave(code)} }`,
    jump: ({ kind, target }) => {
      if (target === s.id && kind === "continue") {
        continued = true;
        return "goto tsp_next;";
      }
      if (target === s.id) return `{ ${leave(LEFT.loop)} }`;
      const at = round.outside.findIndex((jump) => jump.kind === kind && jump.target === target);
      return at === -1 ? "" : `{ ${leave(LEFT.jumps + at)} }`;
    },
    printNext: () => {
      if (continued) out.line("tsp_next:;");
    },
  };
  out.leaveScript();
  out.mark(s.span);
  out.line(`${signature} {`);
  out.indented(() => {
    for (const local of round.used) out.statement(s.span, `${types.of(local.type)} ${local.cName} = tsp_frame->${local.cName};`);
    if (round.context !== undefined) out.line(`void *${round.context} UNUSED = tsp_frame->${round.context};`);
    if (round.scratch) out.line(`char *${SCRATCH} = tsp_frame->${SCRATCH};`);
    out.line(`__u64 tsp_left = ${LEFT.loop};`);
    if (round.fails) out.line("_Bool tsp_failed = 0;");
    round.body(p.forRound(name, exits), exits);
    out.line(`tsp_left = ${LEFT.goesOn};`);
    out.line("tsp_out:;");
    for (const local of round.changed) out.statement(s.span, `tsp_frame->${local.cName} = ${local.cName};`);
    if (round.changed.length > 0) out.line(`tsp_blur((__u64 *)tsp_frame, ${words(name)}, tsp_frame->tsp_zero);`);
    out.line("tsp_frame->tsp_left = tsp_left;");
    // 0 or 1, as the verifier wants to see it: of a boolean that the frame holds clang would return the byte.
    out.line("__u64 tsp_ends = tsp_left != 0;");
    out.line('asm("" : "+r"(tsp_ends));');
    out.line("return tsp_ends & 1;");
  });
  out.markEnd(s.span);
  out.line("}");
  out.leaveScript();
}

const isStatement = (part: Expr | Stmt): part is Stmt => !("type" in part);
const statementsIn = (parts: readonly (Expr | Stmt)[]): Stmt[] =>
  parts.map((part) => (isStatement(part) ? part : { kind: "evaluate", value: part, span: part.span }));

/** The variables of the function around that a round uses, and those of them that it changes, in the order of their first use. */
function variablesOf(parts: readonly (Expr | Stmt)[], loop: Loop | Each): { used: Local[]; changed: Local[] } {
  const used = new Set<Local>();
  const changed = new Set<Local>();
  const own = new Set<Local | undefined>(loop.kind === "each" ? [loop.key, loop.value] : []);
  const bind = (local: Local | undefined) => local !== undefined && own.add(local);
  const onExpr = (expr: Expr) => {
    if (expr.kind === "local") used.add(expr.local);
    if ("bound" in expr) bind(expr.bound);
  };
  const change = (local: Local) => {
    used.add(local);
    changed.add(local);
  };
  if (loop.kind === "loop" && loop.spent !== undefined) change(loop.spent.local);
  visitStatements(
    statementsIn(parts),
    (s) => {
      if (s.kind === "loop" && s.spent !== undefined) change(s.spent.local);
      if (s.kind === "declare") bind(s.local);
      if (s.kind === "each") for (const local of [s.key, s.value]) bind(local);
      if (s.kind === "assign") change(s.local);
    },
    onExpr,
  );
  const outer = (local: Local) => !own.has(local) && hasStorage(local.type);
  return { used: [...used].filter(outer), changed: [...changed].filter(outer) };
}

/** The jumps in a round to targets that are not inside of it. */
function jumpsOutside(parts: readonly (Expr | Stmt)[], own: number): Jump[] {
  const inside = new Set([own]);
  const jumps = new Map<string, Jump>();
  visitStatements(
    statementsIn(parts),
    (s) => {
      if ("id" in s) inside.add(s.id);
      if (s.kind === "break" || s.kind === "continue") jumps.set(`${s.kind} ${s.target}`, { kind: s.kind, target: s.target });
    },
    () => {},
  );
  return [...jumps.values()].filter(({ target }) => !inside.has(target));
}

/** Whether a helper returns from inside a round. */
function returns(parts: readonly (Expr | Stmt)[]): boolean {
  return someStatement(parts, (s) => s.kind === "return");
}

/** Whether a round can end the run of the handler. */
function mayEndRun(p: FunctionPrinter, s: Loop | Each, parts: readonly (Expr | Stmt)[]): boolean {
  return (
    (s.kind === "loop" && s.site !== undefined) ||
    someStatement(parts, (part) => part.kind === "send") ||
    canFail(p.program, statementsIn(parts))
  );
}

function someStatement(parts: readonly (Expr | Stmt)[], is: (s: Stmt) => boolean): boolean {
  let found = false;
  visitStatements(
    statementsIn(parts),
    (s) => {
      found ||= is(s);
    },
    () => {},
  );
  return found;
}
