/** What a field of a journal record can hold; undefined leaves it out. */
export type JournalValue = string | number | bigint | boolean | undefined;

/** Fields that journald takes: at most 64 capitals, digits and underscores; what begins with an underscore it sets itself. */
const FIELD_NAME = /^[A-Z][A-Z0-9_]{0,63}$/;

/** The first name that journald would drop. */
export function wrongFieldName(fields: Readonly<Record<string, JournalValue>>): string | undefined {
  return Object.keys(fields).find((name) => !FIELD_NAME.test(name));
}

/**
 * A record in journald's native protocol: a line `NAME=value` each; a value with newlines follows its name's line, after its length
 * as 64 bits, the lowest first.
 */
export function encodeJournalRecord(fields: Readonly<Record<string, JournalValue>>): Uint8Array {
  const parts: Buffer[] = [];
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    const text = Buffer.from(String(value));
    if (!text.includes(0x0a)) {
      parts.push(Buffer.from(`${name}=`), text, Buffer.from("\n"));
      continue;
    }
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(text.length));
    parts.push(Buffer.from(`${name}\n`), length, text, Buffer.from("\n"));
  }
  return Buffer.concat(parts);
}
