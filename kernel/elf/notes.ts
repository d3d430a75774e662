/** A note of a program: build id, USDT probe (owner "stapsdt", type 3), ABI … */
export interface ElfNote {
  /** Who defined it: "GNU", "stapsdt". */
  readonly owner: string;
  readonly type: number;
  readonly description: Buffer;
}

/**
 * The notes of a note section or segment. What is cut off at the end is left out.
 * @param alignment of the section; 8 pads to 8 bytes (.note.gnu.property), all others to 4
 */
export function parseNotes(bytes: Buffer, alignment: number): readonly ElfNote[] {
  const notes: ElfNote[] = [];
  const pad = alignment === 8 ? 8 : 4;
  const padded = (size: number) => Math.ceil(size / pad) * pad;
  for (let at = 0; at + 12 <= bytes.length; ) {
    const [nameSize, size, type] = [bytes.readUInt32LE(at), bytes.readUInt32LE(at + 4), bytes.readUInt32LE(at + 8)];
    const start = at + padded(12 + nameSize);
    if (start + size > bytes.length) break;
    const owner = bytes.toString("latin1", at + 12, at + 12 + Math.max(0, nameSize - 1));
    notes.push({ owner, type, description: bytes.subarray(start, start + size) });
    at = start + padded(size);
  }
  return notes;
}
