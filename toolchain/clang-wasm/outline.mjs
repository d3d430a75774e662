// Makes a function of its own out of some instructions of another.
//
// The locals that they read are its parameters; those that they set and others read are its results; a branch out of them becomes a
// number, the first result, by which the caller branches. What is done stays the same.
import { signed, unsigned } from "./binary.mjs";
import { isOpener } from "./regions.mjs";

/** Fewer bytes are not worth a function; nor is a region whose call is not much smaller than itself. */
const LEAST_BYTES = 48;
const LEAST_RATIO = 2;

const I32 = 0x7f;

/** Which locals instructions read and set: local → how often read. */
export function uses(code, first, last) {
  const reads = new Map();
  const sets = new Set();
  for (let at = first; at <= last; at++) {
    const { op, index } = code[at];
    if (op === 0x20) reads.set(index, (reads.get(index) ?? 0) + 1);
    if (op === 0x21 || op === 0x22) sets.add(index);
  }
  return { reads, sets };
}

/**
 * The places outside that a region branches to, numbered from 1 in the order of their first use: depths of labels as the
 * region's beginning sees them, or "return".
 */
class Exits {
  targets = [];
  #around;

  constructor(around) {
    this.#around = around;
  }

  /** The depth of the function's own label. */
  get outside() {
    return this.#around.length;
  }

  /** @returns undefined for a label that takes a value */
  numberOf(depth) {
    const { outside } = this;
    // The function's own label is a return.
    const target = depth === outside ? "return" : depth;
    if (target !== "return") {
      const opener = this.#around[outside - 1 - depth];
      // A loop's label is its beginning and takes nothing.
      if (opener.op !== 0x03 && opener.results > 0) return undefined;
    }
    if (!this.targets.includes(target)) this.targets.push(target);
    return this.targets.indexOf(target) + 1;
  }
}

/** The new function's code, with the locals it has besides its parameters. */
class Moved {
  pieces = [];
  extra = [];
  #locals;
  #map;
  #own = { exit: [], value: [], table: [] };

  constructor(locals, parameters) {
    this.#locals = locals;
    this.#map = new Map(parameters.map((local, index) => [local, index]));
  }

  /** A local of the old function, as the new one counts. */
  local(local) {
    if (!this.#map.has(local)) this.#map.set(local, this.#add(this.#locals[local]));
    return this.#map.get(local);
  }

  #add(valueType) {
    this.extra.push(valueType);
    return this.#map.size + Object.values(this.#own).filter((own) => own.index !== undefined).length;
  }

  emit(...values) {
    this.pieces.push(Buffer.from(values.flat()));
  }

  /** An instruction on a local of its own: the number of the exit, the value returned, the index of a br_table. */
  emitOwn(op, which, valueType = I32) {
    const own = this.#own[which];
    own.index ??= this.#add(valueType);
    this.emit(op, unsigned(own.index));
  }
}

/** Copies the instructions. @returns false when they branch in a way that cannot be taken out */
function move(body, code, { first, last }, exits, moved, returnType) {
  let depth = 0;
  let copied = code[first].at;
  const copy = (upTo) => {
    if (upTo > copied) moved.pieces.push(body.subarray(copied, upTo));
  };
  /** Notes the exit's number and leaves the block that is around all of it, `up` labels away. */
  const leave = (exit, up) => {
    if (exits.targets[exit - 1] === "return" && returnType !== undefined) moved.emitOwn(0x21, "value", returnType);
    moved.emit(0x41, signed(exit));
    moved.emitOwn(0x21, "exit");
    moved.emit(0x0c, unsigned(up));
  };
  // Where it may go on, the value stays on the stack.
  const returnsValue = (exit) => returnType !== undefined && exits.targets[exit - 1] === "return";
  for (let at = first; at <= last; at++) {
    const { op, index, labels } = code[at];
    const replace = () => {
      copy(code[at].at);
      copied = code[at].end;
    };
    if (isOpener(op)) depth++;
    else if (op === 0x0b) depth--;
    else if (op >= 0x20 && op <= 0x22) {
      replace();
      moved.emit(op, unsigned(moved.local(index)));
    } else if (op === 0x0f || (op === 0x0c && index >= depth)) {
      const exit = op === 0x0f ? exits.numberOf(exits.outside) : exits.numberOf(index - depth);
      if (exit === undefined) return false;
      replace();
      leave(exit, depth);
    } else if (op === 0x0d && index >= depth) {
      const exit = exits.numberOf(index - depth);
      if (exit === undefined || returnsValue(exit)) return false;
      replace();
      moved.emit(0x04, 0x40);
      leave(exit, depth + 1);
      moved.emit(0x0b);
    } else if (op === 0x0e && labels.some((label) => label >= depth)) {
      const outer = [...new Set(labels.filter((label) => label >= depth))];
      const numbers = outer.map((label) => exits.numberOf(label - depth));
      if (numbers.some((exit) => exit === undefined || returnsValue(exit))) return false;
      replace();
      moved.emitOwn(0x21, "table");
      for (const _ of outer) moved.emit(0x02, 0x40);
      moved.emitOwn(0x20, "table");
      const mapped = labels.map((label) => (label >= depth ? outer.indexOf(label) : label + outer.length));
      moved.emit(0x0e, unsigned(labels.length - 1), ...mapped.map(unsigned));
      outer.forEach((_, n) => {
        moved.emit(0x0b);
        leave(numbers[n], depth + outer.length - 1 - n);
      });
    }
  }
  copy(code[last].end);
  return true;
}

/** What the caller does with the number on the stack. `ends`: the region's end is not reached. */
function branch(targets, ends, back, spare) {
  const go = (target, up) => (target === "return" ? [...back, 0x0f] : [0x0c, ...unsigned(target + up)]);
  if (targets.length === 0) return ends ? [0x00] : [];
  if (targets.length === 1) {
    const [target] = targets;
    if (ends) return [0x1a, ...go(target, 0)];
    return target === "return" ? [0x04, 0x40, ...go(target, 1), 0x0b] : [0x0d, ...unsigned(target)];
  }
  const returns = targets.includes("return");
  const up = returns ? 2 : 1;
  // 0 goes on behind the blocks; a return goes through the inner one. The number lies below the blocks: into a local and back.
  const labels = [up - 1, ...targets.map((target) => (target === "return" ? 0 : target + up))];
  const number = unsigned(spare("number", I32));
  const table = [0x20, ...number, 0x0e, ...unsigned(labels.length - 1), ...labels.flatMap(unsigned)];
  const inner = returns ? [0x02, 0x40, ...table, 0x0b, ...back, 0x0f] : table;
  return [0x21, ...number, 0x02, 0x40, ...inner, 0x0b, ...(ends ? [0x00] : [])];
}

/**
 * @param spare gives a further local of the old function, for a use and of a type
 * @returns the new function's body and type, and the code that takes the region's place; undefined when it does not pay or cannot be done
 */
export function outline({ body, locals, code, type, readsOfAll, spare }, region, functionIndex) {
  const { first, last, around, ends } = region;
  const size = code[last].end - code[first].at;
  if (size < LEAST_BYTES) return undefined;
  const { reads, sets } = uses(code, first, last);
  const repeats = around.some(({ op }) => op === 0x03);
  const readElsewhere = (local) => (readsOfAll.get(local) ?? 0) > (reads.get(local) ?? 0) || (repeats && reads.has(local));
  // One order for all, so that there are few types.
  const inOrder = (some) => [...some].sort((a, b) => locals[b] - locals[a]);
  const results = inOrder(sets).filter(readElsewhere);
  // What is set in some cases only keeps its value in the others.
  const parameters = inOrder(new Set([...reads.keys(), ...results]));
  const cost = 2.5 * (parameters.length + results.length) + 8;
  if (size < LEAST_RATIO * cost) return undefined;

  const [returnType] = type.results;
  const exits = new Exits(around);
  const moved = new Moved(locals, parameters);
  if (!move(body, code, region, exits, moved, returnType)) return undefined;
  const { targets } = exits;
  const returns = returnType !== undefined && targets.includes("return");
  moved.emit(0x0b);
  if (targets.length > 0) moved.emitOwn(0x20, "exit");
  for (const local of results) moved.emit(0x20, unsigned(moved.local(local)));
  if (returns) moved.emitOwn(0x20, "value", returnType);
  const { extra, pieces } = moved;
  const declared = Buffer.from([...unsigned(extra.length), ...extra.flatMap((valueType) => [1, valueType]), 0x02, 0x40]);

  const value = returns ? unsigned(spare("value", returnType)) : [];
  const call = [...parameters.flatMap((local) => [0x20, ...unsigned(local)]), 0x10, ...unsigned(functionIndex)];
  if (returns) call.push(0x21, ...value);
  for (const local of results.toReversed()) call.push(0x21, ...unsigned(local));
  call.push(...branch(targets, ends, returns ? [0x20, ...value] : [], spare));
  return {
    call: Buffer.from(call),
    body: Buffer.concat([declared, ...pieces, Buffer.from([0x0b])]),
    type: {
      parameters: parameters.map((local) => locals[local]),
      results: [...(targets.length > 0 ? [I32] : []), ...results.map((local) => locals[local]), ...(returns ? [returnType] : [])],
    },
  };
}
