import type { AnyScenario, KernelWording } from "../workload/scenario.js";
import type { ActorOptions, Stage } from "../workload/stage.js";
import type { SocketStory } from "../workload/transition.js";
import { missedRunsOf } from "./bpf-programs.js";
import { countTransitions } from "./match-stories.js";
import type { Ended } from "./process.js";
import { isProcessOneHidden } from "./process-one.js";
import type { Row } from "./rows.js";
import { ownRows, settle, type Tracer } from "./tracer.js";
import { type Account, unseenByAll } from "./unseen.js";

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

export interface PlayOptions extends ActorOptions {
  /** What the witness of this index is to show of it; everything, unless it filters. */
  readonly shows?: (stories: readonly SocketStory[], index: number) => readonly SocketStory[];
}

/** How long to wait for rows that do not come. */
const PATIENCE_MS = 5000;
const PERFORMANCES = 5;

/**
 * Plays a scenario before the witnesses, once more if nobody could see all of it:
 *
 * - The kernel skips a BPF program where another one is running on that CPU, and counts it. That happens when timers of
 *   many sockets fire at once, or when anyone else on the machine traces something busy; then nobody can say which row
 *   is missing.
 * - A kernel may hide what happens while process 1 runs, and counts nothing: see isProcessOneHidden(). Where it does, and
 *   all witnesses lack the same transitions, all of them an interrupt's doing, that is taken to be the reason.
 *
 * The witnesses are fresh ones then, since a transition they did not see also leaves them with a wrong time for the
 * socket's next one.
 */
export async function playBefore(
  witnesses: Witnesses,
  scenario: AnyScenario,
  stage: Stage,
  kernel: KernelWording,
  { shows = (stories) => stories, ...options }: PlayOptions = {},
): Promise<Testimony> {
  for (let performance = 1; ; performance++) {
    const missedBefore = witnesses.missedRuns();
    const already = witnesses.tracers.map((tracer) => tracer.rows().length);
    const played = await scenario.play(stage, options);
    const stories = played.expected(kernel);
    const rowsOf = (index: number) => ownRows(witnesses.tracers[index] as Tracer, already[index] ?? 0, played.ports);
    const wanted = witnesses.tracers.map((_, index) => shows(stories, index));
    await Promise.all(
      witnesses.tracers.map((tracer, index) =>
        settle(tracer, countTransitions(wanted[index] ?? []), () => rowsOf(index), PATIENCE_MS),
      ),
    );
    const missed = witnesses.missedRuns() - missedBefore;
    const seen = witnesses.tracers.map((tracer, index) => ({ tracer, rows: rowsOf(index) }));
    const why = await whyUnseen(
      missed,
      seen.map(({ rows }, index) => ({ rows, stories: wanted[index] ?? [] })),
    );
    if (why === undefined) return { stories, seen };
    if (performance === PERFORMANCES) throw new Error(`${why}, in the last of ${performance} performances too`);
    console.warn(`${scenario.name}: ${why}; once more`);
    await witnesses.renew();
  }
}

/** Why a performance says nothing about the witnesses; undefined if it does. */
async function whyUnseen(missedRuns: number, accounts: readonly Account[]): Promise<string | undefined> {
  if (missedRuns > 0) return `the kernel skipped ${missedRuns} runs because another BPF program was running`;
  const unseen = unseenByAll(accounts);
  if (unseen.length === 0 || !(await isProcessOneHidden())) return undefined;
  return `the kernel, which hides what happens while process 1 runs, told nobody of ${unseen.join(", ")}`;
}
