import { statSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { endianness } from "node:os";
import { expect, test } from "vitest";
import { networkNamespaces } from "../../../../dsl/net/namespaces.js";
import { parseTcpSockets, socketOwners, tcpSockets } from "../../../../dsl/net/tcp-sockets.js";

// As /proc shows them on x86-64.
const TCP = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:B32F 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1738275 1 00000000f452783b 100 0 0 10 0
   1: 0100007F:8802 0200007F:01BB 06 00000000:00000000 03:00000F98 00000000     0        0 0 3 000000006fa2edc7
`;
const TCP6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0000000000000000FFFF00000100007F:1F90 0000000000000000FFFF00000100007F:B330 01 00000000:00000000 00:00000000 00000000     0        0 77 1 0 20 4 30 10 -1
   1: B80D0120000000000000000001000000:1F91 00000000000000000000000001000000:0050 02 00000000:00000000 01:00000063 00000000     0        0 78 1 0 20 4 30 10 -1
`;

test.skipIf(endianness() !== "LE")("lines of both files", () => {
  expect(parseTcpSockets(TCP + TCP6)).toEqual([
    {
      laddr: "127.0.0.1",
      lport: 45_871,
      raddr: "0.0.0.0",
      rport: 0,
      state: 10,
      uid: 1000,
      inode: 1_738_275,
      endsInMs: undefined,
    },
    { laddr: "127.0.0.1", lport: 34_818, raddr: "127.0.0.2", rport: 443, state: 6, uid: 0, inode: 0, endsInMs: 39_920 },
    {
      laddr: "::ffff:127.0.0.1",
      lport: 8080,
      raddr: "::ffff:127.0.0.1",
      rport: 45_872,
      state: 1,
      uid: 0,
      inode: 77,
      endsInMs: undefined,
    },
    { laddr: "2001:db8::1", lport: 8081, raddr: "::1", rport: 80, state: 2, uid: 0, inode: 78, endsInMs: undefined },
  ]);
});

test.skipIf(process.platform !== "linux")("this process's own sockets, and that they are its", async () => {
  const server = createServer((peer) => peer.resume());
  await new Promise<void>((resolve) => server.listen(0, "::1", resolve));
  const { port } = server.address() as AddressInfo;
  const client = connect(port, "::1");
  await new Promise((resolve) => client.once("connect", resolve));
  try {
    const found = tcpSockets().filter(({ lport, rport }) => lport === port || rport === port);
    const listening = found.find(({ state }) => state === 10);
    const connected = found.find(({ lport }) => lport === client.localPort);
    expect(listening).toMatchObject({ laddr: "::1", lport: port, raddr: "::", rport: 0, uid: process.getuid?.() });
    expect(connected).toMatchObject({ laddr: "::1", raddr: "::1", rport: port, state: 1, endsInMs: undefined });
    const owners = socketOwners();
    for (const socket of [listening, connected]) expect(owners.get(socket?.inode as number)?.pid).toBe(process.pid);
    expect(networkNamespaces().get(statSync("/proc/self/ns/net").ino)).toBe("/proc/self/ns/net");
  } finally {
    client.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
});
