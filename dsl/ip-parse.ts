/** An address as its family and 16 bytes; those of an IPv4 address are its mapped form, ::ffff:1.2.3.4. */
export interface ParsedIp {
  readonly family: 2 | 10;
  readonly bytes: Uint8Array;
}

/** An address from its text, in any form that RFC 4291 allows; undefined for anything else. */
export function parseIp(text: string): ParsedIp | undefined {
  const v4 = parseIpv4(text);
  if (v4 !== undefined) return { family: 2, bytes: Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, ...v4]) };
  const v6 = parseIpv6(text);
  return v6 === undefined ? undefined : { family: 10, bytes: Uint8Array.from(v6) };
}

function parseIpv4(text: string): number[] | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)) return undefined;
  return parts.map(Number);
}

function parseIpv6(text: string): number[] | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half, i) => groups(half, i === halves.length - 1)) as [
    number[] | undefined,
    number[] | undefined,
  ];
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined;
  if (halves.length === 1) return head.length === 16 ? head : undefined;
  const rest = tail as number[];
  // "::" stands for at least one group.
  const missing = 16 - head.length - rest.length;
  return missing >= 2 ? [...head, ...new Array<number>(missing).fill(0), ...rest] : undefined;
}

/** Bytes of groups between colons; the last one of all may be an IPv4 address. */
function groups(text: string, atEnd: boolean): number[] | undefined {
  if (text === "") return [];
  const parts = text.split(":");
  const bytes: number[] = [];
  for (const [i, part] of parts.entries()) {
    const v4 = atEnd && i === parts.length - 1 ? parseIpv4(part) : undefined;
    if (v4 !== undefined) bytes.push(...v4);
    else if (/^[0-9a-f]{1,4}$/i.test(part)) bytes.push(Number.parseInt(part, 16) >> 8, Number.parseInt(part, 16) & 0xff);
    else return undefined;
  }
  return bytes;
}
