import { openPair, type Pair, pairStories } from "../pair.js";
import { scenario } from "../scenario.js";
import { transition } from "../stories.js";
import { between, type Moment, span } from "../transition.js";

interface Result extends Pair {
  readonly reset: Moment;
  readonly noticed: Moment;
  readonly closeListener: Moment;
}

/**
 * close() with SO_LINGER 0: tcp_disconnect() goes to CLOSE and sends RST; the peer's tcp_reset() goes to CLOSE too.
 */
export const reset = scenario<Result>({
  name: "reset by the client",
  async run({ client, server }) {
    const pair = await openPair(client, server, "127.3.4.9", 50);
    const reset = (await client.reset(pair.clientSocket)).moment;
    const noticed = await server.closed(pair.childSocket);
    if (noticed.value.failure !== "ECONNRESET") throw new Error(`expected ECONNRESET, got ${noticed.value.failure}`);
    const closeListener = (await server.closeListener(pair.listener)).moment;
    return { ...pair, reset, noticed: noticed.moment, closeListener };
  },
  expected(done, kernel) {
    const arrives = span(done.reset, done.noticed);
    return pairStories(done, kernel, {
      client: [transition(done.client, "ESTABLISHED", "CLOSE", between(done.connect, done.reset), done.clientPid)],
      child: [transition(done.child, "ESTABLISHED", "CLOSE", between(done.handshake, arrives))],
    });
  },
});
