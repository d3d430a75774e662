import { once } from "node:events";
import net from "node:net";

/** A port at which nobody listens on any address. */
export async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, "::");
  await once(server, "listening");
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
