import type { Expr, Local, OptionRef } from "../../ir/nodes.js";
import { intersect, type Range } from "../../ir/range.js";

/** What something can be known of: a variable, or an option of the script, which never changes while it runs. */
export type Subject = Local | OptionRef;

/**
 * What is known at a point of a function: which optionals and nullable pointers have a value, and tighter ranges of integers.
 * TypeScript's own narrowing, redone here, so that `--no-check` cannot make an unsafe program.
 */
export interface Facts {
  readonly present: ReadonlySet<Subject>;
  /** Pointers that are not null. One that is optional, as `a?.b` is, can be there and null; of one that is not there, this is true. */
  readonly notNull: ReadonlySet<Subject>;
  readonly ranges: ReadonlyMap<Subject, Range>;
}

export const NO_FACTS: Facts = Object.freeze({
  present: new Set<Subject>(),
  notNull: new Set<Subject>(),
  ranges: new Map<Subject, Range>(),
});

/** Knowledge of both. */
export function both(a: Facts, b: Facts): Facts {
  const ranges = new Map(a.ranges);
  for (const [local, range] of b.ranges) {
    const known = ranges.get(local);
    ranges.set(local, known === undefined ? range : intersect(known, range));
  }
  return { present: new Set([...a.present, ...b.present]), notNull: new Set([...a.notNull, ...b.notNull]), ranges };
}

/** Knowledge that holds whichever of two ways was taken. */
export function either(a: Facts, b: Facts): Facts {
  const ranges = new Map<Subject, Range>();
  for (const [local, range] of a.ranges) {
    const other = b.ranges.get(local);
    if (other !== undefined) {
      const min = range.min < other.min ? range.min : other.min;
      const max = range.max > other.max ? range.max : other.max;
      ranges.set(local, { min, max });
    }
  }
  const inBoth = (x: ReadonlySet<Subject>, y: ReadonlySet<Subject>) => new Set([...x].filter((local) => y.has(local)));
  return { present: inBoth(a.present, b.present), notNull: inBoth(a.notNull, b.notNull), ranges };
}

/** Knowledge without what an assignment to a variable makes stale. */
export function forget(facts: Facts, locals: Iterable<Local>): Facts {
  const present = new Set(facts.present);
  const notNull = new Set(facts.notNull);
  const ranges = new Map(facts.ranges);
  for (const local of locals) {
    present.delete(local);
    notNull.delete(local);
    ranges.delete(local);
  }
  return { present, notNull, ranges };
}

/** What a condition tells when it is true, and when it is false. */
export function factsOf(test: Expr): { readonly whenTrue: Facts; readonly whenFalse: Facts } {
  switch (test.kind) {
    case "not": {
      const { whenTrue, whenFalse } = factsOf(test.operand);
      return { whenTrue: whenFalse, whenFalse: whenTrue };
    }
    case "and": {
      const [left, right] = [factsOf(test.left), factsOf(test.right)];
      return { whenTrue: both(left.whenTrue, right.whenTrue), whenFalse: either(left.whenFalse, right.whenFalse) };
    }
    case "or": {
      const [left, right] = [factsOf(test.left), factsOf(test.right)];
      return { whenTrue: either(left.whenTrue, right.whenTrue), whenFalse: both(left.whenFalse, right.whenFalse) };
    }
    case "present":
      return { whenTrue: presentFact(test.operand), whenFalse: absentFact(test.operand) };
    case "truth":
      return { whenTrue: both(presentFact(test.operand), notNullFact(test.operand)), whenFalse: NO_FACTS };
    case "compare":
      return compareFacts(test);
    default:
      return { whenTrue: NO_FACTS, whenFalse: NO_FACTS };
  }
}

function presentFact(operand: Expr): Facts {
  if (operand.type.kind === "pointer") return notNullFact(operand);
  const subject = subjectOf(operand);
  return subject === undefined ? NO_FACTS : { ...NO_FACTS, present: new Set([subject]) };
}

/** An optional pointer that is not there is not null either: `p === null` being false tells of one that is there and of one that is not. */
function absentFact(operand: Expr): Facts {
  const subject = operand.type.kind === "optional" && operand.type.value.kind === "pointer" ? subjectOf(operand) : undefined;
  return subject === undefined ? NO_FACTS : { ...NO_FACTS, notNull: new Set([subject]) };
}

/** Of a variable, of the pointer in an optional one, or of `pointer ?? null`. */
function notNullFact(operand: Expr): Facts {
  const whole = operand.kind === "unwrap" ? operand.operand : operand.kind === "default" ? operand.left : operand;
  const subject = subjectOf(whole);
  if (subject === undefined || (operand.kind === "default" && !isNull(operand.right))) return NO_FACTS;
  return { ...NO_FACTS, present: new Set([subject]), notNull: new Set([subject]) };
}

const isNull = ({ type, ...e }: Expr): boolean => type.kind === "pointer" && e.kind === "constant" && e.value === 0n;

function subjectOf(expr: Expr): Subject | undefined {
  return expr.kind === "local" ? expr.local : expr.kind === "option" ? expr.option : undefined;
}

type Comparison = Extract<Expr, { kind: "compare" }>;
const NEGATED = { "===": "!==", "!==": "===", "<": ">=", ">=": "<", ">": "<=", "<=": ">" } as const;
const MIRRORED = { "===": "===", "!==": "!==", "<": ">", ">": "<", "<=": ">=", ">=": "<=" } as const;

function compareFacts(test: Comparison): { whenTrue: Facts; whenFalse: Facts } {
  const learn = (op: Comparison["op"]) => both(bound(test.left, op, test.right), bound(test.right, MIRRORED[op], test.left));
  return { whenTrue: learn(test.op), whenFalse: learn(NEGATED[test.op]) };
}

/** What `left op right` tells of `left`, when that is a variable. */
function bound(left: Expr, op: Comparison["op"], right: Expr): Facts {
  if (left.kind === "unwrap") return bound(left.operand, op, right);
  const subject = subjectOf(left);
  if (subject === undefined || !("range" in right.type)) return NO_FACTS;
  const type = subject.type.kind === "optional" ? subject.type.value : subject.type;
  if (type.kind !== right.type.kind || !("range" in type)) return NO_FACTS;
  const { min, max } = right.type.range;
  const known =
    op === "==="
      ? { min, max }
      : op === "<"
        ? { min: type.range.min, max: max - 1n }
        : op === "<="
          ? { min: type.range.min, max }
          : op === ">"
            ? { min: min + 1n, max: type.range.max }
            : op === ">="
              ? { min, max: type.range.max }
              : undefined;
  if (known === undefined) return NO_FACTS;
  return { ...NO_FACTS, ranges: new Map([[subject, intersect(type.range, known)]]) };
}
