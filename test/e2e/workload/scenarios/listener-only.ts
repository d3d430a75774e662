import { type ScenarioResult, scenario } from "../scenario.js";
import { hold } from "../stage.js";
import { listens } from "../stories.js";
import type { Moment } from "../transition.js";

interface Result extends ScenarioResult {
  readonly pid: number;
  readonly opened: readonly { readonly host: string; readonly port: number; readonly listen: Moment; readonly close: Moment }[];
}

/** Listeners that nobody connects to, one per family. */
export const listenerOnly = scenario<Result>({
  name: "listeners opened and closed",
  async run({ server }) {
    const opened = [];
    for (const host of ["127.0.0.1", "0.0.0.0", "::1", "::"]) {
      const { value, moment } = await server.listen(host);
      await hold(40);
      const close = await server.closeListener(value.listener);
      opened.push({ host, port: value.port, listen: moment, close: close.moment });
    }
    return { pid: server.pid, opened, ports: opened.map((one) => one.port) };
  },
  expected: (done) => done.opened.map(({ host, port, listen, close }) => listens(host, port, done.pid, listen, close)),
});
