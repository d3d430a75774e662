import { openPair, type Pair, pairStories } from "../pair.js";
import { scenario } from "../scenario.js";
import { hold } from "../stage.js";
import { closesFirst, closesSecond, type OrderlyClose } from "../stories.js";
import type { Moment } from "../transition.js";

interface Result extends Pair, Omit<OrderlyClose, "opened"> {
  readonly closeListener: Moment;
}

const lingerMs = 400;

/**
 * The client calls close() without shutdown(), and the server takes its time. An orphan does not wait in FIN_WAIT2 as a
 * full socket: tcp_rcv_state_process() hands it to a time-wait socket at once, so the client's CLOSE comes long before
 * the server's LAST_ACK.
 */
export const abandoned = scenario<Result>({
  name: "abandoned by close()",
  async run({ client, server }) {
    const pair = await openPair(client, server, "127.3.4.11", 30);
    const firstEnd = (await client.destroy(pair.clientSocket)).moment;
    const secondRead = (await server.readEnd(pair.childSocket)).moment;
    await hold(lingerMs);
    const secondEnd = (await server.end(pair.childSocket)).moment;
    const settled = await hold(30);
    await server.destroy(pair.childSocket);
    const closeListener = (await server.closeListener(pair.listener)).moment;
    return { ...pair, firstEnd, secondRead, secondEnd, settled, closeListener };
  },
  expected(done, kernel) {
    const [toFinWait1, toFinWait2, toClose] = closesFirst(done.client, done.clientPid, { ...done, opened: done.connect });
    return pairStories(done, kernel, {
      client: [
        toFinWait1,
        // A delayed ACK comes after 200 ms at the latest (TCP_DELACK_MAX), before the server closes.
        { ...toFinWait2, ms: { min: 0, max: done.secondEnd.began - done.firstEnd.began } },
        // In one go: no more than an interrupt takes.
        { ...toClose, ms: { min: 0, max: lingerMs / 4 } },
      ],
      child: closesSecond(done.child, done.serverPid, { ...done, opened: done.handshake }),
    });
  },
});
