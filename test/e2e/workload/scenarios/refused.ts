import { type ScenarioResult, scenario } from "../scenario.js";
import { type Ends, listens, transition } from "../stories.js";
import { between, firstSeen, type Moment } from "../transition.js";

interface Result extends ScenarioResult {
  readonly port: number;
  readonly boundPort: number;
  readonly clientPid: number;
  readonly serverPid: number;
  readonly holdsOpen: readonly { readonly port: number; readonly listen: Moment; readonly close: Moment }[];
  readonly unbound: Moment;
  readonly bound: Moment;
}

const address = "127.0.0.1";

/** Two connects to a port where nobody listens: tcp_reset() takes SYN_SENT to CLOSE. */
export const refused = scenario<Result>({
  name: "refused",
  async run({ client, server }) {
    // Two free ports: one to be refused at, one to be refused from. Closing a listener leaves no TIME_WAIT behind.
    const holdsOpen = [];
    for (let index = 0; index < 2; index++) {
      const { value, moment } = await server.listen(address);
      const close = await server.closeListener(value.listener);
      holdsOpen.push({ port: value.port, listen: moment, close: close.moment });
    }
    const port = holdsOpen[0]?.port ?? 0;
    const boundPort = holdsOpen[1]?.port ?? 0;
    const unbound = await client.connect({ host: address, port });
    const bound = await client.connect({ host: address, port, localAddress: address, localPort: boundPort });
    for (const { value } of [unbound, bound]) {
      if (value.failure !== "ECONNREFUSED") throw new Error(`expected a refusal, got ${value.failure ?? "a connection"}`);
    }
    const pids = { clientPid: client.pid, serverPid: server.pid };
    return { ports: [port, boundPort], port, boundPort, ...pids, holdsOpen, unbound: unbound.moment, bound: bound.moment };
  },
  expected(done) {
    const story = (who: string, lport: Ends["lport"], first: Ends["lport"], at: Moment) => {
      const ends: Ends = { laddr: address, lport, raddr: address, rport: done.port };
      return {
        who,
        transitions: [
          transition({ ...ends, lport: first }, "CLOSE", "SYN_SENT", firstSeen, done.clientPid),
          transition(ends, "SYN_SENT", "CLOSE", between(at, at)),
        ],
      };
    };
    return [
      ...done.holdsOpen.map(({ port, listen, close }) => listens(address, port, done.serverPid, listen, close)),
      story("refused client, port chosen by the kernel", "ephemeral", 0, done.unbound),
      story("refused client, bound", done.boundPort, done.boundPort, done.bound),
    ];
  },
});
