import { isIPv6 } from "node:net";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatIp } from "../../../dsl/ip-text.js";

function fromGroups(...groups: number[]): Uint8Array {
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 255]));
}

/** WHATWG URL's serializer follows RFC 5952 except for mapped addresses, which it writes in hexadecimal. */
function urlText(address: string): string {
  return new URL(`http://[${address}]/`).hostname.slice(1, -1);
}

function plainText(bytes: Uint8Array): string {
  return Array.from({ length: 8 }, (_, i) => (((bytes[2 * i] as number) << 8) | (bytes[2 * i + 1] as number)).toString(16)).join(
    ":",
  );
}

describe("formatIp", () => {
  test.each([
    [[0, 0, 0, 0, 0, 0, 0, 0], "::"],
    [[0, 0, 0, 0, 0, 0, 0, 1], "::1"],
    [[0x2001, 0xdb8, 0, 0, 1, 0, 0, 1], "2001:db8::1:0:0:1"],
    [[0x2001, 0xdb8, 0, 1, 1, 1, 1, 1], "2001:db8:0:1:1:1:1:1"],
    [[0x2001, 0, 0, 1, 0, 0, 0, 1], "2001:0:0:1::1"],
    [[0xfe80, 0, 0, 0, 0, 0, 0, 0], "fe80::"],
    [[0, 0, 0, 0, 0, 0xffff, 0x0102, 0x0304], "::ffff:1.2.3.4"],
    [[0, 0, 0, 0, 0xffff, 0, 0x0102, 0x0304], "::ffff:0:102:304"],
  ])("%j is %s", (groups, text) => {
    expect(formatIp(10, fromGroups(...groups))).toBe(text);
  });

  test("IPv4 reads four bytes from the offset", () => {
    expect(formatIp(2, [9, 9, 127, 0, 0, 1, 9], 2)).toBe("127.0.0.1");
  });

  test("no address is empty and a foreign family is named", () => {
    expect(formatIp(0, new Uint8Array(16))).toBe("");
    expect(formatIp(1, new Uint8Array(16))).toBe("family 1");
  });

  test("agrees with the URL standard's serializer for any IPv6 address", () => {
    const group = fc.oneof(fc.constant(0), fc.constant(0xffff), fc.integer({ min: 0, max: 0xffff }));
    fc.assert(
      fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
        const bytes = fromGroups(...groups);
        const text = formatIp(10, bytes);
        expect(isIPv6(text)).toBe(true);
        expect(urlText(text)).toBe(urlText(plainText(bytes)));
        if (!text.includes(".")) expect(text).toBe(urlText(plainText(bytes)));
        else expect(groups.slice(0, 6)).toEqual([0, 0, 0, 0, 0, 0xffff]);
      }),
      { numRuns: 2000 },
    );
  });
});
