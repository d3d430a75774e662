/**
 * JSON as JSON.stringify would write it, apart from what that cannot do or would lose:
 * - bigints are integers with all their digits
 * - stacks are arrays of texts: "tcp_v4_rcv+0x1f"
 * - Uint8Arrays are strings of hexadecimal digits, two a byte
 * - DEL and the C1 control characters are escaped too, so that no text reaches a terminal raw
 * As there, undefined members are left out, undefined elements and numbers that are not finite are null, and lone
 * surrogates are escaped.
 */
export function jsonText(value: unknown): string {
  switch (typeof value) {
    case "string":
      return jsonString(value);
    case "number":
      return Number.isFinite(value) ? String(value) : "null";
    case "bigint":
      return value.toString();
    case "boolean":
      return value ? "true" : "false";
    case "object":
      if (value === null) return "null";
      if (Array.isArray(value) && !("toJSON" in value)) return jsonArray(value);
      if (value instanceof Uint8Array)
        return `"${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("hex")}"`;
      return "toJSON" in value && typeof value.toJSON === "function" ? jsonText(value.toJSON()) : jsonObject(value);
    default:
      return "null";
  }
}

function jsonArray(values: readonly unknown[]): string {
  let text = "[";
  for (let i = 0; i < values.length; i++) text += (i === 0 ? "" : ",") + jsonText(values[i]);
  return `${text}]`;
}

function jsonObject(value: object): string {
  let text = "{";
  for (const key of Object.keys(value)) {
    const member = (value as Record<string, unknown>)[key];
    if (member === undefined) continue;
    text += `${text.length === 1 ? "" : ","}${jsonString(key)}:${jsonText(member)}`;
  }
  return `${text}}`;
}

/** Plain ASCII without quote and backslash needs no escapes: most texts, and a loop finds that out sooner than JSON.stringify. */
function jsonString(text: string): string {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x20 || unit > 0x7e || unit === 0x22 || unit === 0x5c) return escapedString(text);
  }
  return `"${text}"`;
}

function escapedString(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\u009f]/g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`);
}
