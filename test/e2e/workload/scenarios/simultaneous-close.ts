import { openPair, type Pair, pairStories } from "../pair.js";
import { scenario } from "../scenario.js";
import { Actor, hold } from "../stage.js";
import { type Ends, transition } from "../stories.js";
import { between, type Moment, type Transition } from "../transition.js";

interface Result extends Pair {
  readonly ends: Moment;
  readonly settled: Moment;
  readonly closeListener: Moment;
}

const host = "127.3.4.12";
const bitsPerSecond = 40_000;
const bucketBytes = 1600;
const noise = { datagrams: 7, bytes: 400 };
/** Address and port headers are not counted: the true wait is a little longer. */
const queuedMs = ((noise.datagrams * noise.bytes - bucketBytes) * 8 * 1000) / bitsPerSecond;

/**
 * Both FINs are on the wire at the same time. A plain loopback delivers a packet within the sender's call, so this one is
 * slow: a loopback interface of its own namespace behind a token bucket (sch_tbf). The bucket is emptied by datagrams, and
 * both FINs, sent microseconds apart, wait behind them for some 240 ms. Then each side, in FIN_WAIT1 with its own FIN not
 * acknowledged, gets the other's FIN: CLOSING (tcp_fin). The ACK that follows ends it (TIME_WAIT, hence CLOSE).
 */
export const simultaneousClose = scenario<Result>({
  name: "simultaneous close",
  async run(_stage, options) {
    const shape = `tc qdisc add dev lo root tbf rate ${bitsPerSecond}bit burst ${bucketBytes} limit 100000`;
    const both = await Actor.start({ ...options, namespace: ["ip link set lo up", shape] });
    try {
      // While the connection stands the bucket fills again, so that the wait behind the noise is known.
      const pair = await openPair(both, both, host, (bucketBytes * 8 * 1000) / bitsPerSecond);
      const sockets = [pair.clientSocket, pair.childSocket];
      const ends = (await both.endBehindFlood({ sockets, host, ...noise })).moment;
      await Promise.all(sockets.map((socket) => both.readEnd(socket)));
      // The ACKs of the FINs go through the same slow queue.
      const settled = await hold(200);
      await Promise.all(sockets.map((socket) => both.destroy(socket)));
      const closeListener = (await both.closeListener(pair.listener)).moment;
      return { ...pair, ends, settled, closeListener };
    } finally {
      await both.stop();
    }
  },
  expected(done, kernel) {
    // Neither FIN can arrive before the noise has left the queue.
    const finArrives: Moment = { began: done.ends.began + queuedMs, ended: done.settled.ended };
    const closes = (ends: Ends, opened: Moment): Transition[] => [
      transition(ends, "ESTABLISHED", "FIN_WAIT1", between(opened, done.ends), done.clientPid),
      transition(ends, "FIN_WAIT1", "CLOSING", between(done.ends, finArrives)),
      transition(ends, "CLOSING", "CLOSE", between(finArrives, finArrives)),
    ];
    return pairStories(done, kernel, {
      client: closes(done.client, done.connect),
      child: closes(done.child, done.handshake),
    });
  },
});
