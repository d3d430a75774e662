/**
 * Lengths of x86-64 instructions, by the opcode maps of Intel's manual (volume 2, appendix A). Only as much as is needed to tell
 * where the next one begins; what is not valid in 64-bit code has no length.
 */

/** What follows an opcode: an operand byte (ModRM), and an immediate value. */
interface Shape {
  readonly operand: boolean;
  /** Bytes; "z": 4, or 2 after an operand-size prefix; "v": also 8 with REX.W; "address": 8, or 4 after an address-size prefix. */
  readonly immediate: 0 | 1 | 2 | 3 | 4 | "z" | "v" | "address";
}

const INVALID = undefined;
const shape = (operand: boolean, immediate: Shape["immediate"] = 0): Shape => ({ operand, immediate });
const [PLAIN, OPERAND, OPERAND_1, OPERAND_Z] = [shape(false), shape(true), shape(true, 1), shape(true, "z")];

const PREFIXES = new Set([0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3]);

/**
 * @param at where the instruction begins
 * @returns its length in bytes; undefined when it is none, or is cut off
 */
export function instructionLength(code: Uint8Array, at: number): number | undefined {
  let next = at;
  let [wideOperand, narrow, shortAddress] = [false, false, false];
  for (; PREFIXES.has(code[next] ?? -1); next++) {
    narrow ||= code[next] === 0x66;
    shortAddress ||= code[next] === 0x67;
  }
  const rex = code[next] ?? -1;
  if (rex >= 0x40 && rex <= 0x4f) {
    wideOperand = (rex & 8) !== 0;
    next++;
  }
  const opcode = readOpcode(code, next);
  if (opcode === undefined) return undefined;
  next = opcode.end;
  let { shape } = opcode;
  if (shape.operand) {
    const operand = code[next];
    const length = operand === undefined ? undefined : operandLength(operand, code[next + 1]);
    if (operand === undefined || length === undefined) return undefined;
    // TEST is the only one of its group that has an immediate value.
    if (opcode.isTestGroup && (operand & 0x38) > 8) shape = OPERAND;
    next += length;
  }
  next += immediateLength(shape.immediate, wideOperand, narrow, shortAddress);
  return next <= code.length && next - at <= 15 ? next - at : undefined;
}

function immediateLength(kind: Shape["immediate"], wide: boolean, narrow: boolean, shortAddress: boolean): number {
  if (kind === "address") return shortAddress ? 4 : 8;
  if (kind === "v" && wide) return 8;
  if (kind === "v" || kind === "z") return narrow && !wide ? 2 : 4;
  return kind;
}

/** ModRM, and what it says follows: SIB, displacement. */
function operandLength(operand: number, scaled: number | undefined): number | undefined {
  const mode = operand >> 6;
  const register = operand & 7;
  if (mode === 3) return 1;
  const sib = register === 4 ? 1 : 0;
  if (sib === 1 && scaled === undefined) return undefined;
  const noBase = mode === 0 && (sib === 1 ? ((scaled as number) & 7) === 5 : register === 5);
  return 1 + sib + (mode === 1 ? 1 : mode === 2 || noBase ? 4 : 0);
}

interface Opcode {
  readonly shape: Shape;
  /** Where what follows begins. */
  readonly end: number;
  readonly isTestGroup?: boolean;
}

function readOpcode(code: Uint8Array, at: number): Opcode | undefined {
  const [first, second = 0, third = 0] = [code[at], code[at + 1], code[at + 2]];
  if (first === undefined) return undefined;
  const found = (shape: Shape | undefined, length: number): Opcode | undefined =>
    shape === undefined || at + length > code.length ? undefined : { shape, end: at + length };
  if (first === 0x0f) {
    if (second === 0x38) return found(OPERAND, 3);
    if (second === 0x3a) return found(OPERAND_1, 3);
    return found(secondMap(second), 2);
  }
  if (first === 0xc5) return found(vectorShape(1, third), 3);
  if (first === 0xc4) return found(vectorShape(second & 31, code[at + 3] ?? 0), 4);
  if (first === 0x62) return found(vectorShape(second & 7, code[at + 4] ?? 0), 5);
  // AMD's XOP: POP with an operand byte that is none.
  if (first === 0x8f && (second & 31) >= 8) return found([OPERAND_1, OPERAND, shape(true, 4)][(second & 31) - 8], 4);
  if (first === 0xf6 || first === 0xf7) return { shape: first === 0xf6 ? OPERAND_1 : OPERAND_Z, end: at + 1, isTestGroup: true };
  return found(firstMap(first), 1);
}

/** VEX and EVEX: maps 1 to 3 are those of 0F, 0F 38 and 0F 3A; 5 and 6 are half-precision numbers. */
function vectorShape(map: number, opcode: number): Shape | undefined {
  if (map === 1) {
    if (opcode === 0x77) return PLAIN;
    return secondMap(opcode)?.immediate === 1 ? OPERAND_1 : OPERAND;
  }
  if (map === 3) return OPERAND_1;
  return map === 2 || map === 5 || map === 6 ? OPERAND : INVALID;
}

function firstMap(opcode: number): Shape | undefined {
  if (opcode < 0x40) {
    const low = opcode & 7;
    return low < 4 ? OPERAND : low === 4 ? shape(false, 1) : low === 5 ? shape(false, "z") : INVALID;
  }
  if (opcode < 0x60) return PLAIN; // PUSH, POP
  if (opcode >= 0x70 && opcode < 0x80) return shape(false, 1); // short jumps
  if (opcode >= 0x84 && opcode < 0x90) return OPERAND;
  if (opcode >= 0xb0 && opcode < 0xc0) return shape(false, opcode < 0xb8 ? 1 : "v");
  if (opcode >= 0xd8 && opcode < 0xe0) return OPERAND; // x87
  return FIRST.get(opcode);
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const each = (opcodes: readonly number[], one: Shape) => opcodes.map((opcode) => [opcode, one] as const);

/** Opcodes of one byte, beside those of the rules above. */
const FIRST = new Map<number, Shape>([
  ...each([...range(0x6c, 0x6f), ...range(0x90, 0x99), ...range(0x9b, 0x9f), ...range(0xa4, 0xa7), ...range(0xaa, 0xaf)], PLAIN),
  ...each([0xc3, 0xc9, 0xcb, 0xcc, 0xcf, 0xd7, 0xf1, 0xf4, 0xf5, ...range(0xec, 0xef), ...range(0xf8, 0xfd)], PLAIN),
  ...each([0x63, ...range(0xd0, 0xd3), 0xfe, 0xff], OPERAND),
  ...each([0x6b, 0x80, 0x83, 0xc0, 0xc1, 0xc6], OPERAND_1),
  ...each([0x69, 0x81, 0xc7], OPERAND_Z),
  ...each([0x6a, 0xa8, 0xcd, 0xeb, ...range(0xe0, 0xe7)], shape(false, 1)),
  ...each([0xc2, 0xca], shape(false, 2)), // RET
  ...each([0xc8], shape(false, 3)), // ENTER
  ...each([0xe8, 0xe9], shape(false, 4)), // CALL, JMP: whatever the prefixes
  ...each([0x68, 0xa9], shape(false, "z")),
  ...each(range(0xa0, 0xa3), shape(false, "address")),
]);

/** Opcodes after 0F that differ from the rule: an operand byte and nothing else. */
const SECOND = new Map<number, Shape | undefined>([
  ...each(
    [0x05, 0x06, 0x07, 0x08, 0x09, 0x0b, 0x0e, ...range(0x30, 0x35), 0x37, 0x77, 0xa0, 0xa1, 0xa2, 0xa8, 0xa9, 0xaa],
    PLAIN,
  ),
  ...each(range(0xc8, 0xcf), PLAIN), // BSWAP
  ...each(range(0x80, 0x8f), shape(false, 4)), // jumps
  ...each([0x0f, ...range(0x70, 0x73), 0xa4, 0xac, 0xba, 0xc2, 0xc4, 0xc5, 0xc6], OPERAND_1),
  ...[0x04, 0x0a, 0x0c, 0x24, 0x25, 0x26, 0x27, 0x36, 0x38, 0x39, 0x3a, 0x3b, 0x3c, 0x3d, 0x3e, 0x3f].map(
    (opcode) => [opcode, INVALID] as const,
  ),
]);

function secondMap(opcode: number): Shape | undefined {
  return SECOND.has(opcode) ? SECOND.get(opcode) : OPERAND;
}
