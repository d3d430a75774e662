import type { KernelWording, ScenarioResult } from "./scenario.js";
import { type Actor, hold } from "./stage.js";
import { type Ends, listens, opensActively, opensPassively } from "./stories.js";
import { type Moment, type SocketStory, span, type Transition } from "./transition.js";

/** A listener with one connection to it. */
export interface Pair extends ScenarioResult {
  readonly host: string;
  readonly port: number;
  readonly listener: number;
  readonly clientSocket: number;
  readonly childSocket: number;
  readonly client: Ends;
  readonly child: Ends;
  readonly clientPid: number;
  readonly serverPid: number;
  readonly listen: Moment;
  readonly connect: Moment;
  /** From the client's connect() to the server's accept(). */
  readonly handshake: Moment;
}

/** Opens a listener on `host`, connects to it and lets the connection stand for `establishedMs`. */
export async function openPair(client: Actor, server: Actor, host: string, establishedMs: number): Promise<Pair> {
  const { value: listener, moment: listen } = await server.listen(host);
  const connected = await client.connect({ host, port: listener.port });
  const accepted = await server.accept(listener.listener);
  await hold(establishedMs);
  const { localAddress, localPort } = connected.value;
  return {
    ports: [listener.port],
    host,
    port: listener.port,
    listener: listener.listener,
    clientSocket: connected.value.socket,
    childSocket: accepted.value.socket,
    client: { laddr: localAddress, lport: localPort, raddr: host, rport: listener.port },
    child: { laddr: host, lport: listener.port, raddr: localAddress, rport: localPort },
    clientPid: client.pid,
    serverPid: server.pid,
    listen,
    connect: connected.moment,
    handshake: span(connected.moment, accepted.moment),
  };
}

/** The rows of a pair, from how each end went from ESTABLISHED to CLOSE. */
export function pairStories(
  pair: Pair & { readonly closeListener: Moment },
  kernel: KernelWording,
  closes: { readonly client: readonly Transition[]; readonly child: readonly Transition[] },
): SocketStory[] {
  const { client, child } = pair;
  return [
    listens(pair.host, pair.port, pair.serverPid, pair.listen, pair.closeListener),
    { who: `client ${client.lport}`, transitions: [...opensActively(client, pair.clientPid, pair.connect), ...closes.client] },
    { who: `child for ${child.rport}`, transitions: [...opensPassively(child, kernel, pair.handshake), ...closes.child] },
  ];
}
