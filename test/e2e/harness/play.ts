import type { AnyScenario, KernelWording } from "../workload/scenario.js";
import type { ActorOptions, Stage } from "../workload/stage.js";
import type { SocketStory } from "../workload/transition.js";
import { missedRunsOf } from "./bpf-programs.js";
import { countTransitions } from "./match-stories.js";
import type { Ended } from "./process.js";
import type { Row } from "./rows.js";
import { ownRows, settle, type Tracer } from "./tracer.js";

/** Tracers that watch the same traffic at the same time. */
export class Witnesses {
  readonly #start: readonly (() => Promise<Tracer>)[];
  tracers: readonly Tracer[] = [];

  constructor(start: readonly (() => Promise<Tracer>)[]) {
    this.#start = start;
  }

  async open(): Promise<void> {
    const started = await Promise.allSettled(this.#start.map((start) => start()));
    this.tracers = started.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    const failed = started.find((one) => one.status === "rejected");
    if (failed) {
      await this.close();
      throw failed.reason;
    }
  }

  /** Ends all with Ctrl-C. */
  async close(): Promise<Ended[]> {
    const ended = await Promise.all(this.tracers.map((tracer) => tracer.process.stop("SIGINT")));
    this.tracers = [];
    return ended;
  }

  /** Fresh ones, for as long as those before would have stayed: in the midst of a test for the tests behind it too, if a hook opened those. */
  async renew(): Promise<void> {
    const lasting = this.tracers.some(({ process }) => !process.ofTest);
    await this.close();
    await this.open();
    if (lasting) for (const { process } of this.tracers) process.outliveTest();
  }

  missedRuns(): number {
    return this.tracers.reduce((sum, tracer) => sum + missedRunsOf(tracer.process.pid), 0);
  }
}

/** A scenario's expectation and what each witness showed of it, in the witnesses' order. */
export interface Testimony {
  readonly stories: readonly SocketStory[];
  readonly seen: readonly { readonly tracer: Tracer; readonly rows: readonly Row[] }[];
}

/**
 * Plays a scenario before the witnesses.
 *
 * The kernel skips a BPF program where another one is running on that CPU, and counts it. That happens when timers of
 * many sockets fire at once, or when anyone else on the machine traces something busy; then nobody can say which row is
 * missing. So a performance during which the kernel counted a skipped run is played again, before fresh witnesses,
 * since a transition they did not see also leaves them with a wrong time for the socket's next one.
 *
 * @param patienceMs how long to wait for rows that do not come
 */
export async function playBefore(
  witnesses: Witnesses,
  scenario: AnyScenario,
  stage: Stage,
  kernel: KernelWording,
  options: ActorOptions = {},
  patienceMs = 5000,
): Promise<Testimony> {
  for (let performance = 1; ; performance++) {
    const missedBefore = witnesses.missedRuns();
    const already = witnesses.tracers.map((tracer) => tracer.rows().length);
    const played = await scenario.play(stage, options);
    const stories = played.expected(kernel);
    const rowsOf = (index: number) => ownRows(witnesses.tracers[index] as Tracer, already[index] ?? 0, played.ports);
    await Promise.all(
      witnesses.tracers.map((tracer, index) => settle(tracer, countTransitions(stories), () => rowsOf(index), patienceMs)),
    );
    const missed = witnesses.missedRuns() - missedBefore;
    if (missed === 0) return { stories, seen: witnesses.tracers.map((tracer, index) => ({ tracer, rows: rowsOf(index) })) };
    if (performance === 5) throw new Error(`the kernel skipped runs of the probes in each of ${performance} performances`);
    console.warn(`${scenario.name}: the kernel skipped ${missed} runs because another BPF program was running; once more`);
    await witnesses.renew();
  }
}
