// The parts of WebAssembly's binary format that split.mjs needs: sections, and the instructions of a function's body.

/** Reads LEB128 numbers and bytes from a buffer. */
export class Reader {
  constructor(bytes, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  byte() {
    return this.bytes[this.at++];
  }

  unsigned() {
    let [result, factor, byte] = [0, 1, 0];
    do {
      byte = this.bytes[this.at++];
      result += (byte & 127) * factor;
      factor *= 128;
    } while (byte & 128);
    return result;
  }

  /** Steps over a number of whatever sign and width. */
  skip() {
    while (this.bytes[this.at++] & 128);
  }

  name() {
    const size = this.unsigned();
    this.at += size;
    return this.bytes.toString("latin1", this.at - size, this.at);
  }
}

export function unsigned(value) {
  const bytes = [];
  do {
    const rest = Math.floor(value / 128);
    bytes.push((value % 128) | (rest > 0 ? 128 : 0));
    value = rest;
  } while (value > 0);
  return bytes;
}

/** A non-negative number as i32.const takes it, which has a sign. */
export function signed(value) {
  const bytes = [];
  while (value > 63) {
    bytes.push((value & 127) | 128);
    value >>= 7;
  }
  bytes.push(value);
  return bytes;
}

/** A module's sections in their order: `id`, `body`, and for custom ones (0) `name`, which `body` begins with. */
export function sections(module) {
  const found = [];
  const reader = new Reader(module, 8);
  while (reader.at < module.length) {
    const id = reader.byte();
    const size = reader.unsigned();
    const body = module.subarray(reader.at, reader.at + size);
    found.push({ id, body, ...(id === 0 ? { name: new Reader(body).name() } : {}) });
    reader.at += size;
  }
  return found;
}

export function assemble(list) {
  const head = Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
  return Buffer.concat([head, ...list.flatMap(({ id, body }) => [Buffer.from([id, ...unsigned(body.length)]), body])]);
}

/** A section that is a vector: its elements' encodings behind their number. */
export function vector(elements) {
  return Buffer.concat([Buffer.from(unsigned(elements.length)), ...elements]);
}

/** The types (parameters, results), the type of each function, imported ones first, the index of each import's name, and the bodies. */
export function functions(list) {
  const reader = (id) => new Reader(list.find((section) => section.id === id).body);
  const repeat = (from, read) => Array.from({ length: from.unsigned() }, () => read(from));
  const valueTypes = (from) => repeat(from, (r) => r.byte());
  const types = repeat(reader(1), (r) => {
    if (r.byte() !== 0x60) throw new Error("a type that is no function's");
    return { parameters: valueTypes(r), results: valueTypes(r) };
  });
  const imports = new Map();
  const typeOf = repeat(reader(2), (r) => {
    r.name();
    imports.set(r.name(), imports.size);
    if (r.byte() !== 0) throw new Error("an import that is no function");
    return r.unsigned();
  });
  typeOf.push(...repeat(reader(3), (r) => r.unsigned()));
  const bodies = repeat(reader(10), (r) => {
    const size = r.unsigned();
    r.at += size;
    return r.bytes.subarray(r.at - size, r.at);
  });
  return { types, imports, typeOf, bodies };
}

const between = (op, low, high) => op >= low && op <= high;

/** How many values an instruction without operands in the code takes; it leaves one. */
function arity(op) {
  if (op === 0x45 || op === 0x50) return 1;
  if (between(op, 0x46, 0x66)) return 2;
  if (between(op, 0x67, 0x69) || between(op, 0x79, 0x7b) || between(op, 0x8b, 0x91) || between(op, 0x99, 0x9f)) return 1;
  if (between(op, 0xa7, 0xc4)) return 1;
  if (between(op, 0x6a, 0xa6)) return 2;
  throw new Error(`instruction 0x${op.toString(16)} is not known here`);
}

const VALUE_TYPES = new Set([0x7f, 0x7e, 0x7d, 0x7c, 0x7b]);

/**
 * A function's locals (their types, parameters first) and instructions. An instruction: `op`; `at`, `end` in the body; `index` (a local, a
 * label's depth); `labels` of a br_table; `takes` and `gives`; of one that opens a construct `close` (its end) and `otherwise` (its else),
 * as indices of instructions, and `results`; `stops` when what follows it is not reached.
 */
export function decode(body, type, { types, typeOf }) {
  const reader = new Reader(body);
  const locals = [...type.parameters];
  for (let groups = reader.unsigned(); groups > 0; groups--) {
    const count = reader.unsigned();
    const valueType = reader.byte();
    for (let n = 0; n < count; n++) locals.push(valueType);
  }
  const start = reader.at;
  const code = [];
  const open = [{ results: type.results.length }];
  while (open.length > 0) {
    const at = reader.at;
    const op = reader.byte();
    const instruction = { op, at, end: 0, takes: 0, gives: 0, index: -1 };
    switch (op) {
      case 0x00:
        instruction.stops = true;
        break;
      case 0x01:
        break;
      case 0x02:
      case 0x03:
      case 0x04: {
        if (op === 0x04) instruction.takes = 1;
        const blockType = body[reader.at];
        instruction.results = blockType === 0x40 ? 0 : 1;
        if (blockType !== 0x40 && !VALUE_TYPES.has(blockType)) throw new Error("a construct with parameters or several results");
        reader.at++;
        open.push(instruction);
        break;
      }
      case 0x05:
        open.at(-1).otherwise = code.length;
        break;
      case 0x0b: {
        const opener = open.pop();
        opener.close = code.length;
        break;
      }
      case 0x0c:
      case 0x0d:
        instruction.index = reader.unsigned();
        if (op === 0x0c) instruction.stops = true;
        else instruction.takes = 1;
        break;
      case 0x0e:
        instruction.labels = Array.from({ length: reader.unsigned() + 1 }, () => 0);
        // The number does not count the last label, the default.
        for (let n = 0; n < instruction.labels.length; n++) instruction.labels[n] = reader.unsigned();
        instruction.takes = 1;
        instruction.stops = true;
        break;
      case 0x0f:
        instruction.takes = type.results.length;
        instruction.stops = true;
        break;
      case 0x10: {
        const callee = types[typeOf[reader.unsigned()]];
        instruction.takes = callee.parameters.length;
        instruction.gives = callee.results.length;
        break;
      }
      case 0x11: {
        const callee = types[reader.unsigned()];
        reader.skip();
        instruction.takes = callee.parameters.length + 1;
        instruction.gives = callee.results.length;
        break;
      }
      case 0x1a:
        instruction.takes = 1;
        break;
      case 0x1b:
        instruction.takes = 3;
        instruction.gives = 1;
        break;
      case 0x20:
      case 0x21:
      case 0x22:
        instruction.index = reader.unsigned();
        instruction.takes = op === 0x20 ? 0 : 1;
        instruction.gives = op === 0x21 ? 0 : 1;
        break;
      case 0x23:
      case 0x24:
        reader.skip();
        instruction.takes = op === 0x24 ? 1 : 0;
        instruction.gives = op === 0x23 ? 1 : 0;
        break;
      case 0x3f:
      case 0x40:
        reader.skip();
        instruction.takes = op === 0x40 ? 1 : 0;
        instruction.gives = 1;
        break;
      case 0x41:
      case 0x42:
        reader.skip();
        instruction.gives = 1;
        break;
      case 0x43:
      case 0x44:
        reader.at += op === 0x43 ? 4 : 8;
        instruction.gives = 1;
        break;
      case 0xfc: {
        const further = reader.unsigned();
        if (further <= 7) {
          instruction.takes = 1;
          instruction.gives = 1;
        } else if (further === 10 || further === 11) {
          reader.at += further === 10 ? 2 : 1;
          instruction.takes = 3;
        } else throw new Error(`instruction 0xfc ${further} is not known here`);
        break;
      }
      default:
        if (between(op, 0x28, 0x3e)) {
          reader.skip();
          reader.skip();
          instruction.takes = op <= 0x35 ? 1 : 2;
          instruction.gives = op <= 0x35 ? 1 : 0;
        } else {
          instruction.takes = arity(op);
          instruction.gives = 1;
        }
    }
    instruction.end = reader.at;
    code.push(instruction);
  }
  return { locals, start, code };
}
