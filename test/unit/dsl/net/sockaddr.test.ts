import { describe, expect, test } from "vitest";
import { sockaddr, userSockaddr } from "../../../../dsl/net/sockaddr.js";
import { putKernelMemory, putUserMemory } from "../../../../dsl/test/index.js";

const AT = 0x1000n;
/** struct sockaddr_in of 127.0.0.1 port 8080, struct sockaddr_in6 of fd00::1 port 443, struct sockaddr_un of "/". */
const V4 = Uint8Array.of(2, 0, 0x1f, 0x90, 127, 0, 0, 1);
const V6 = Uint8Array.of(10, 0, 0x01, 0xbb, 0, 0, 0, 0, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);
const UNIX = Uint8Array.of(1, 0, 0x2f, 0);

describe.each([
  ["of the process", putUserMemory, userSockaddr],
  ["of the kernel", putKernelMemory, sockaddr],
] as const)("an address in memory %s", (_, put, read) => {
  test.each([
    ["IPv4", V4, { family: 2, addr: "127.0.0.1", port: 8080 }],
    ["IPv6", V6, { family: 10, addr: "fd00::1", port: 443 }],
    ["neither", UNIX, undefined],
  ])("%s", (_, memory, endpoint) => {
    put(AT, memory);
    expect(read(AT)).toEqual(endpoint);
  });
});

test("memory that cannot be read gives none, as a whole and behind its head", () => {
  expect(userSockaddr(0x2000n)).toBeUndefined();
  putUserMemory(0x2000n, V6.subarray(0, 8));
  expect(userSockaddr(0x2000n)).toBeUndefined();
});
