// A TCP program under remote control: it does one thing per message and answers when that thing is done.
// Scenarios run two of these, so that client and server are different processes with known pids.
// Plain JavaScript, because Node 20 runs it as a child without a build step.
import dgram from "node:dgram";
import { once } from "node:events";
import net from "node:net";

/** @type {Map<number, net.Socket>} */
const sockets = new Map();
/** @type {Map<number, { server: net.Server, accepted: net.Socket[], waiting: ((socket: net.Socket) => void)[] }>} */
const listeners = new Map();
let nextHandle = 1;

function keep(socket) {
  const handle = nextHandle++;
  sockets.set(handle, socket);
  // Node closes a socket by itself once both directions have ended. close() in LAST_ACK or FIN_WAIT2 runs
  // tcp_close_state(), which reports LAST_ACK -> LAST_ACK: whether the peer's ACK comes first would be luck.
  // There is no public switch for it on accepted sockets.
  socket._readableState.autoDestroy = false;
  socket._writableState.autoDestroy = false;
  // "closed" must be answerable after the fact, and an unheard 'error' would end this process.
  socket.failure = null;
  socket.on("error", (error) => {
    socket.failure = error.code ?? String(error);
  });
  socket.closing = new Promise((resolve) => socket.once("close", resolve));
  socket.ending = new Promise((resolve) => socket.once("end", resolve));
  return { socket: handle, localPort: socket.localPort, localAddress: socket.localAddress, remotePort: socket.remotePort };
}

const operations = {
  async listen({ host, port = 0 }) {
    const entry = { server: undefined, accepted: [], waiting: [] };
    // allowHalfOpen: Node must not answer a FIN with a FIN by itself; the scenario says when.
    // pauseOnConnect: nothing is read, so no end is noticed, before the scenario asks for it.
    entry.server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
      const waiter = entry.waiting.shift();
      if (waiter) waiter(socket);
      else entry.accepted.push(socket);
    });
    entry.server.listen({ host, port, backlog: 1024 });
    await once(entry.server, "listening");
    const handle = nextHandle++;
    listeners.set(handle, entry);
    return { listener: handle, port: entry.server.address().port };
  },

  async accept({ listener }) {
    const entry = listeners.get(listener);
    const socket = entry.accepted.shift() ?? (await new Promise((resolve) => entry.waiting.push(resolve)));
    return keep(socket);
  },

  async connect({ host, port, localAddress, localPort }) {
    const socket = net.connect({ host, port, localAddress, localPort, allowHalfOpen: true });
    socket.pause();
    const failure = await new Promise((resolve) => {
      socket.once("connect", () => resolve(null));
      socket.once("error", (error) => resolve(error.code));
    });
    return failure === null ? { ...keep(socket), failure } : { failure };
  },

  /** shutdown(SHUT_WR) on each, all within one turn of the event loop; done when every call has returned. */
  async end({ sockets: handles }) {
    await Promise.all(handles.map((handle) => new Promise((resolve) => sockets.get(handle).end(resolve))));
  },

  /** Reads until the peer's FIN has been read. */
  async readEnd({ socket }) {
    sockets.get(socket).resume();
    await sockets.get(socket).ending;
  },

  async write({ socket, bytes }) {
    await new Promise((resolve) => sockets.get(socket).write(Buffer.alloc(bytes, 0x2e), resolve));
  },

  /** Reads exactly this many bytes. */
  async read({ socket, bytes }) {
    const stream = sockets.get(socket);
    for (let left = bytes; left > 0; ) {
      const chunk = stream.read();
      if (chunk === null) await once(stream, "readable");
      else left -= chunk.length;
    }
  },

  /** close() with SO_LINGER 0. */
  async reset({ socket }) {
    sockets.get(socket).resetAndDestroy();
    await sockets.get(socket).closing;
  },

  /** close(): without a shutdown before it the active or passive close; in TCP_CLOSE it only frees the socket. */
  async destroy({ socket }) {
    sockets.get(socket).destroy();
    await sockets.get(socket).closing;
  },

  /** Reads until a reset ends the socket. */
  async closed({ socket }) {
    sockets.get(socket).resume();
    await sockets.get(socket).closing;
    return { failure: sockets.get(socket).failure };
  },

  async closeListener({ listener }) {
    await new Promise((resolve) => listeners.get(listener).server.close(resolve));
  },

  /**
   * Fills a slow link's queue with datagrams to itself, then shuts the sockets down in the same turn of the event
   * loop: their FINs stand in the queue behind the datagrams.
   */
  async endBehindFlood({ sockets: handles, host, datagrams, bytes }) {
    const noise = dgram.createSocket("udp4");
    noise.bind(0, host);
    await once(noise, "listening");
    const payload = Buffer.alloc(bytes);
    const send = () => new Promise((resolve) => noise.send(payload, noise.address().port, host, resolve));
    await Promise.all(Array.from({ length: datagrams }, send));
    await operations.end({ sockets: handles });
    // It stays open, unread: a closed port would answer each datagram with an ICMP error through the same slow queue.
    noise.unref();
  },
};

process.on("message", async ({ id, op, args }) => {
  try {
    process.send({ id, value: (await operations[op](args)) ?? null });
  } catch (error) {
    process.send({ id, failed: String(error?.stack ?? error) });
  }
});
// The scenario's process has gone: nothing to do for anyone any more.
process.on("disconnect", () => process.exit(0));
process.send({ ready: process.pid });
