/** A hardware address of 6 bytes as text: "00:1b:44:11:3a:b7". */
export function formatMac(bytes: ArrayLike<number>, offset = 0): string {
  let text = "";
  for (let i = 0; i < 6; i++) text += `${i === 0 ? "" : ":"}${(bytes[offset + i] as number).toString(16).padStart(2, "0")}`;
  return text;
}

/** The bytes of a hardware address in the form that `formatMac` gives; undefined for any other text. */
export function parseMac(text: string): Uint8Array | undefined {
  if (!/^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/.test(text)) return undefined;
  return Uint8Array.from(text.split(":"), (part) => Number.parseInt(part, 16));
}
