import { openPair, type Pair, pairStories } from "../pair.js";
import { scenario } from "../scenario.js";
import { hold } from "../stage.js";
import { closesFirst, closesSecond, type OrderlyClose } from "../stories.js";
import type { Moment } from "../transition.js";

interface Result extends Pair, Omit<OrderlyClose, "opened"> {
  /** The client had read the server's data: by then its own FIN was acknowledged. */
  readonly dataRead: Moment;
  readonly closeListener: Moment;
}

const bytes = 30_000;

/** The client says no more but goes on listening; the server sends on for a while, then closes. */
export const halfClose = scenario<Result>({
  name: "half close",
  async run({ client, server }) {
    const pair = await openPair(client, server, "127.3.4.10", 30);
    const firstEnd = (await client.end(pair.clientSocket)).moment;
    const secondRead = (await server.readEnd(pair.childSocket)).moment;
    await server.write(pair.childSocket, bytes);
    const dataRead = (await client.read(pair.clientSocket, bytes)).moment;
    await hold(120);
    const secondEnd = (await server.end(pair.childSocket)).moment;
    await client.readEnd(pair.clientSocket);
    const settled = await hold(30);
    await client.destroy(pair.clientSocket);
    await server.destroy(pair.childSocket);
    const closeListener = (await server.closeListener(pair.listener)).moment;
    return { ...pair, firstEnd, secondRead, dataRead, secondEnd, settled, closeListener };
  },
  expected(done, kernel) {
    const [toFinWait1, toFinWait2, toClose] = closesFirst(done.client, done.clientPid, { ...done, opened: done.connect });
    // The server's data carries the ACK of the client's FIN, so FIN_WAIT2 begins before the data is read and lasts
    // until the server closes: at least as long as the script waited in between.
    const inFinWait1 = { min: 0, max: done.dataRead.ended - done.firstEnd.began };
    const inFinWait2 = { min: done.secondEnd.began - done.dataRead.ended, max: done.settled.ended - done.firstEnd.began };
    return pairStories(done, kernel, {
      client: [toFinWait1, { ...toFinWait2, ms: inFinWait1 }, { ...toClose, ms: inFinWait2 }],
      child: closesSecond(done.child, done.serverPid, { ...done, opened: done.handshake }),
    });
  },
});
