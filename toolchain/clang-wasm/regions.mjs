// Where in a function the code lies that no training run reached.
import { marks } from "./coverage.mjs";

export const isOpener = (op) => op >= 0x02 && op <= 0x04;

/** For each instruction: height of the operand stack before it, lowest while it works, after it; for dead code undefined. */
export function heights(code, results) {
  const before = [];
  const low = [];
  const after = [];
  const open = [{ height: 0, results }];
  let height = 0;
  let dead = false;
  code.forEach((instruction, index) => {
    const { op, takes, gives, stops } = instruction;
    const frame = open.at(-1);
    if (op === 0x05) {
      height = frame.height;
      dead = frame.dead;
    }
    before[index] = dead ? undefined : height;
    if (op === 0x0b) {
      open.pop();
      height = frame.height + frame.results;
      dead = frame.dead ?? false;
      low[index] = dead ? undefined : frame.height;
      after[index] = dead ? undefined : height;
      return;
    }
    height -= takes;
    low[index] = dead ? undefined : height;
    if (isOpener(op)) open.push({ height, results: instruction.results, dead });
    height += gives;
    after[index] = dead ? undefined : height;
    if (stops) dead = true;
  });
  return { before, low, after };
}

/** The cold regions of a function, [first, last] instruction, outermost ones only, with the constructs around them. */
export function coldRegions(code, type, isHot) {
  const { before, low, after } = heights(code, type.results.length);
  const marked = new Set(marks(code));
  const found = [];
  /** [first, end): instructions of one construct, without its opener and end. */
  const visit = (first, end, around) => {
    let index = first;
    while (index < end) {
      if (before[index] === undefined) return;
      if (marked.has(index) && !isHot(code[index])) {
        const region = largest(index, end);
        if (region !== undefined) found.push({ ...region, around });
        return;
      }
      const { op, close, otherwise } = code[index];
      if (isOpener(op)) {
        const inner = [...around, code[index]];
        if (otherwise === undefined) visit(index + 1, close, inner);
        else {
          visit(index + 1, otherwise, inner);
          visit(otherwise + 1, close, inner);
        }
        index = close + 1;
      } else index++;
    }
  };
  const next = (index) => (isOpener(code[index].op) ? code[index].close : index) + 1;
  const bytes = (first, last) => code[last].end - code[first].at;
  /** The longest run of whole instructions that neither takes from the stack what it did not put there nor leaves something. */
  const largest = (start, end) => {
    let best;
    for (let first = start; first < end && before[first] !== undefined; first = next(first)) {
      if (best !== undefined && bytes(first, end - 1) <= bytes(best.first, best.last)) break;
      const base = before[first];
      for (let index = first; index < end; index = next(index)) {
        if (low[index] < base) break;
        const last = next(index) - 1;
        if (after[last] === base || code[index].stops) {
          if (best === undefined || bytes(first, last) > bytes(best.first, best.last))
            best = { first, last, ends: code[index].stops === true };
        }
        if (code[index].stops) break;
      }
    }
    return best;
  };
  visit(0, code.length - 1, []);
  return found;
}
