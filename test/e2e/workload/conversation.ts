import type { KernelWording, ScenarioResult } from "./scenario.js";
import { type Actor, hold } from "./stage.js";
import { closesFirst, closesSecond, type Ends, listens, type OrderlyClose, opensActively, opensPassively } from "./stories.js";
import { type Moment, type SocketStory, span } from "./transition.js";

/** How an ordinary conversation is to go. */
export interface ConversationPlan {
  readonly listenOn: string;
  readonly connectTo: string;
  /** The listener's port; one that the kernel chooses, if absent. */
  readonly port?: number;
  /** bind() of the client before connect(). */
  readonly clientAddress?: string;
  readonly closesFirst: "client" | "server";
  readonly connections?: number;
  /** How long the connection stays established, and how long the other side then waits, in milliseconds. */
  readonly establishedMs: number;
  readonly halfClosedMs: number;
  /** The addresses as an AF_INET6 listener's child sees an IPv4 peer. */
  readonly childSeesMapped?: boolean;
}

interface Connection {
  readonly client: Ends;
  readonly child: Ends;
  readonly connect: Moment;
  readonly accept: Moment;
}

export interface Conversation extends ScenarioResult {
  readonly plan: ConversationPlan;
  readonly port: number;
  readonly listen: Moment;
  readonly closeListener: Moment;
  readonly connections: readonly Connection[];
  readonly firstEnd: Moment;
  readonly secondRead: Moment;
  readonly secondEnd: Moment;
  readonly settled: Moment;
  readonly clientPid: number;
  readonly serverPid: number;
}

const mapped = (address: string) => `::ffff:${address}`;

/** Opens a listener and connections to it, lets them stand, closes one side, then the other, then the listener. */
export async function converse(client: Actor, server: Actor, plan: ConversationPlan): Promise<Conversation> {
  const { value: listener, moment: listen } = await server.listen(plan.listenOn, plan.port);
  const count = plan.connections ?? 1;
  const to = { host: plan.connectTo, port: listener.port, ...(plan.clientAddress ? { localAddress: plan.clientAddress } : {}) };
  const connected = await Promise.all(Array.from({ length: count }, () => client.connect(to)));
  const accepted = await Promise.all(Array.from({ length: count }, () => server.accept(listener.listener)));
  const byClientPort = new Map(accepted.map((one) => [one.value.remotePort, one]));
  const connections = connected.map(({ value, moment }): Connection => {
    if (value.failure !== null) throw new Error(`connect: ${value.failure}`);
    const own = byClientPort.get(value.localPort);
    if (!own) throw new Error(`no accepted socket has the remote port ${value.localPort}`);
    const raddr = plan.connectTo;
    const client: Ends = { laddr: value.localAddress, lport: value.localPort, raddr, rport: listener.port };
    const see = plan.childSeesMapped ? mapped : (address: string) => address;
    const child: Ends = { laddr: see(raddr), lport: listener.port, raddr: see(value.localAddress), rport: value.localPort };
    return { client, child, connect: moment, accept: own.moment };
  });
  const clientSockets = connected.map((one) => one.value.socket);
  const serverSockets = accepted.map((one) => one.value.socket);
  const [first, firstSockets, second, secondSockets] =
    plan.closesFirst === "client"
      ? ([client, clientSockets, server, serverSockets] as const)
      : ([server, serverSockets, client, clientSockets] as const);

  await hold(plan.establishedMs);
  const firstEnd = (await first.end(...firstSockets)).moment;
  const reads = await Promise.all(secondSockets.map((socket) => second.readEnd(socket)));
  const secondRead = reads.map((read) => read.moment).reduce(span);
  await hold(plan.halfClosedMs);
  const secondEnd = (await second.end(...secondSockets)).moment;
  await Promise.all(firstSockets.map((socket) => first.readEnd(socket)));
  // The last ACK may still be on its way to the second side; close() before it would show as a row of its own.
  const settled = await hold(30);
  await Promise.all([...firstSockets.map((s) => first.destroy(s)), ...secondSockets.map((s) => second.destroy(s))]);
  const closeListener = (await server.closeListener(listener.listener)).moment;
  return {
    plan,
    ports: [listener.port],
    port: listener.port,
    listen,
    closeListener,
    connections,
    firstEnd,
    secondRead,
    secondEnd,
    settled,
    clientPid: client.pid,
    serverPid: server.pid,
  };
}

/** The rows of an ordinary conversation. */
export function conversationStories(done: Conversation, kernel: KernelWording): SocketStory[] {
  const { plan } = done;
  const close = (opened: Moment): OrderlyClose => ({ ...done, opened });
  const stories: SocketStory[] = [listens(plan.listenOn, done.port, done.serverPid, done.listen, done.closeListener)];
  for (const { client, child, connect, accept } of done.connections) {
    const handshake = span(connect, accept);
    const clientCloses = plan.closesFirst === "client" ? closesFirst : closesSecond;
    const childCloses = plan.closesFirst === "client" ? closesSecond : closesFirst;
    // A listener on "::" hands its own family to the child, also in the row where it still has the listener's address.
    const childOpens = opensPassively(child, kernel, handshake, plan.listenOn);
    stories.push(
      {
        who: `client ${client.laddr}:${client.lport}`,
        transitions: [
          ...opensActively(client, done.clientPid, connect, plan.clientAddress !== undefined),
          ...clientCloses(client, done.clientPid, close(connect)),
        ],
      },
      {
        who: `child of ${child.lport} for ${child.raddr}:${child.rport}`,
        transitions: [...childOpens, ...childCloses(child, done.serverPid, close(handshake))],
      },
    );
  }
  return stories;
}
