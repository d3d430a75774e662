import { isIPv4, isIPv6 } from "node:net";

const AF_INET = 2;
const AF_INET6 = 10;

/** An address as `struct { u32 family; u8 bytes[16]; }` has it. @throws TypeError for a text that is none */
export function parseIp(text: string): { readonly family: number; readonly bytes: Uint8Array } {
  const bytes = new Uint8Array(16);
  if (text === "") return { family: 0, bytes };
  if (isIPv4(text)) {
    bytes.set(text.split(".").map(Number));
    return { family: AF_INET, bytes };
  }
  if (!isIPv6(text) || text.includes("%")) throw new TypeError(`${JSON.stringify(text)} is no IP address`);
  const [head = "", tail] = hexGroups(text).split("::");
  const first = groupsOf(head);
  const last = tail === undefined ? [] : groupsOf(tail);
  const groups = [...first, ...new Array<number>(8 - first.length - last.length).fill(0), ...last];
  for (const [i, group] of groups.entries()) bytes.set([group >> 8, group & 0xff], 2 * i);
  return { family: AF_INET6, bytes };
}

/** `::ffff:1.2.3.4` with its last 32 bits as two groups, too. */
function hexGroups(text: string): string {
  return text.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) => {
    const group = (high: string, low: string) => (Number(high) * 256 + Number(low)).toString(16);
    return `${group(a, b)}:${group(c, d)}`;
  });
}

function groupsOf(text: string): number[] {
  return text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16));
}
