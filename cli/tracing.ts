import { IteratorProbe } from "../dsl/iter.js";
import type { PrintOptions } from "../dsl/print.js";
import { HostRows } from "../dsl/rows.js";
import type { Script } from "../dsl/script.js";
import type { State } from "../dsl/state.js";
import { compileDecoder } from "../runtime/decode.js";
import { Journal } from "../runtime/journal.js";
import { createOutput, type Output } from "../runtime/output/output.js";
import { placeText } from "../runtime/output/place.js";
import { createSink } from "../runtime/output/sink.js";
import { readState, stateName, unreadState } from "../runtime/output/state/record.js";
import { type RunSummary, summaryLines } from "../runtime/output/summary.js";
import { openSession, type Session, type SessionSummary } from "../runtime/session.js";
import type { Built } from "./build.js";
import { TracedCommand } from "./command.js";
import { exitCodeOf, signalExits } from "./exit.js";
import type { OwnFlags } from "./flags.js";
import { HostHookRunner } from "./host-hooks.js";
import { Iterators, isIteratorsOnly } from "./iterators.js";
import { describeOutputFailure } from "./output-failure.js";
import type { Reporter } from "./reporter.js";
import type { Ending } from "./run.js";
import type { Stages } from "./stages.js";

/** How long a script may go on after its stream has ended, before the run ends without it. */
const SCRIPT_END_MS = 2_000;

export interface TracingInput {
  readonly built: Built;
  readonly own: OwnFlags;
  readonly reporter: Reporter;
  readonly stages: Stages;
  /** Settles when the run shall end. */
  readonly ended: Promise<Ending>;
  readonly end: (ending: Ending) => void;
  /** Aborted when a person or another process wants the end now. */
  readonly hurry: AbortSignal;
  readonly outputClosed: () => void;
}

/** The part of a run in which a built script is in the kernel. */
export class Tracing {
  readonly #built: Built;
  readonly #own: OwnFlags;
  readonly #reporter: Reporter;
  readonly #stages: Stages;
  readonly #ended: Promise<Ending>;
  readonly #end: (ending: Ending) => void;
  readonly #hurry: AbortSignal;
  readonly #outputClosed: () => void;
  #hooks: HostHookRunner | undefined;
  /** The first thing that a callback threw, or something else that nobody waits for: also while the run ends. */
  #failure: unknown;
  readonly #journal = new Journal();
  /** Events and rows so far. */
  #taken = 0;

  constructor({ built, own, reporter, stages, ended, end, hurry, outputClosed }: TracingInput) {
    this.#built = built;
    this.#own = own;
    this.#reporter = reporter;
    this.#stages = stages;
    this.#ended = ended;
    this.#end = end;
    this.#hurry = hurry;
    this.#outputClosed = outputClosed;
  }

  async toTheEnd(): Promise<number> {
    const { loaded, compiled, object, script } = this.#built;
    const sink = createSink({
      fd: 1,
      onClosed: this.#outputClosed,
      onError: (outputError) => this.#end({ outputError }),
    });
    const alone = isIteratorsOnly(script);
    const output = createOutput(script.format ?? "table", {
      sink,
      layouts: compiled.program.events,
      tables: script.tables,
      rowNames: new Map(
        script.streams.flatMap((each, stream) =>
          (each as unknown) instanceof HostRows ? [[stream, (each as unknown as HostRows<object>).name]] : [],
        ),
      ),
      // What an iterator gives is what `read` returns.
      isConsumed: (stream) =>
        (script.streams[stream]?.hasConsumer ?? false) || (!alone && script.streams[stream] instanceof IteratorProbe),
      header: this.#own.header,
    });
    this.#hooks = new HostHookRunner(script.host, (error) => this.#fail(error));
    const take = this.#takeEvent(output);
    script.onRow = take;
    const session = openSession({
      program: compiled.program,
      object,
      streams: script.streams,
      decoders: compiled.program.events.map(compileDecoder),
      ...(this.#own.ringSize === undefined ? {} : { ringBytes: this.#own.ringSize }),
      log: this.#reporter.detail,
      warn: (warning) => this.#reporter.diagnostics([warning]),
      onEvent: take,
      onCallbackError: (error) => this.#fail(error),
      onDrained: () => this.#exitHooks(),
      state: script,
      beforeUnload: () => this.#showState(output),
      congested: () => sink.congested,
      ...(sink.pipe === undefined ? {} : { outputPipe: { fd: sink.pipe, onClosed: () => sink.readerGone() } }),
      onLost: ({ subject, span }, count) => output.lost({ name: subject, count, where: placeText(span, process.cwd()) }),
    });
    this.#stages.took("load", session.timings.loadMs);
    script.journal = (record) => this.#journal.send(record);
    script.print = (state, options) => this.#print(output, state, options);
    this.#built.failure.catch((error: unknown) => this.#fail(error));
    const command = compiled.command === undefined ? undefined : new TracedCommand(compiled.command);
    if (command !== undefined) session.follow(command.pid);
    // Before attaching: the heading must stand above the first event.
    output.start();
    output.flush();
    try {
      session.attach();
    } catch (error) {
      await command?.end();
      throw error;
    }
    this.#stages.took("attach", session.timings.attachMs);
    this.#stages.took("attached", performance.now(), " since the start of the process");
    session.start();
    this.#announce(alone);
    script.onStop = () => this.#end({});
    const iterators = new Iterators(script, compiled.module, session);
    this.#hooks.start();
    if (script.stopped) this.#end({});
    if (alone)
      iterators.runAll().then(
        () => this.#end({}),
        (error: unknown) => this.#end({ error }),
      );
    if (command !== undefined) this.#run(command);
    const timer = this.#own.for === undefined ? undefined : setTimeout(() => this.#end({}), this.#own.for);
    this.#endWithScript();
    const ending = await this.#ended;
    clearTimeout(timer);
    await command?.end();
    this.#hooks.stop();
    const code = await this.#finish(session, output, ending);
    await sink.end();
    loaded.dispose();
    return code;
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    this.#end({ error });
  }

  /** onExit, once the callbacks of events and intervals are done, which may be async. */
  async #exitHooks(): Promise<void> {
    const calls = [this.#hooks, ...this.#built.script.streams].map((each) => each?.settled());
    await withinEnd(Promise.all(calls));
    await this.#hooks?.exit();
  }

  async #print(output: Output, state: State, options: PrintOptions): Promise<void> {
    const { script, compiled } = this.#built;
    output.state(await readState(state, stateName(script, compiled.program, state), options));
    output.flush();
  }

  /** The script's last lines run first: they may read, too. Then what nobody has looked at is shown. */
  async #showState(output: Output): Promise<void> {
    const { script, compiled } = this.#built;
    await this.#scriptEnd();
    for (const state of unreadState(script, compiled.program)) await this.#print(output, state, {});
  }

  /** Settles when the script's module has run to its end, with what it threw, or when that takes too long. */
  #scriptEnd(): Promise<unknown> {
    const ended = this.#built.evaluation.then(
      () => undefined,
      (error: unknown) => error,
    );
    return withinEnd(ended);
  }

  /**
   * Shows each event, and counts: what is written or handed to callbacks is an event, for --events and for the summary. Kernel events that a
   * script makes rows of are neither shown nor counted: the rows are. Nor are rows that nobody shows or listens to.
   * @returns of each event whether it may be handed on
   */
  #takeEvent(output: Output): (stream: number, event: unknown) => boolean {
    const most = this.#own.events ?? Number.POSITIVE_INFINITY;
    const { streams, tables } = this.#built.script;
    const isRows = streams.map((each) => (each as unknown) instanceof HostRows);
    const shown = new Set(tables.map(({ stream }) => stream));
    const makesRows = isRows.includes(true);
    const counts = (stream: number): boolean => {
      const isConsumed = streams[stream]?.hasConsumer === true;
      return isRows[stream] === true ? isConsumed || shown.has(stream) : !(makesRows && isConsumed);
    };
    return (stream, event) => {
      if (this.#taken >= most) return false;
      if (!counts(stream)) return true;
      output.event(stream, event);
      if (++this.#taken >= most) this.#end({});
      return true;
    };
  }

  /** Lets the command begin; the run ends with it. */
  #run(command: TracedCommand): void {
    command.ended.then(
      ({ code, signal }) => {
        if (signal !== null) this.#reporter.note(`the command was ended by ${signal}`);
        else if (code !== 0) this.#reporter.note(`the command ended with exit code ${code}`);
        this.#end({});
      },
      (error: unknown) => this.#end({ error }),
    );
    command.go();
  }

  #announce(alone: boolean): void {
    const { program, command } = this.#built.compiled;
    const names = program.probes.filter(({ internal }) => internal !== true).map(({ title }) => title);
    const ends = this.#own.for !== undefined || this.#own.events !== undefined || command !== undefined || alone;
    const until = ends ? "" : "; Ctrl-C ends";
    this.#reporter.note(`attached to ${names.join(", ")}${until}`);
  }

  /** A script that only loops over its events with `for await` ends the run when it leaves the loop; one that throws, too. */
  #endWithScript(): void {
    const { evaluation, waits, script } = this.#built;
    const endIfIdle = (): void => {
      const lives =
        script.tables.length > 0 ||
        this.#hooks?.lives ||
        script.streams.some((stream) => stream.hasCallbacks || stream.openReaders > 0);
      if (waits && !lives) this.#end({});
    };
    evaluation.then(
      () => {
        // A loop in an async function that nobody awaits outlives the module. What follows it may start another loop at once.
        script.onReaderEnded = () => setImmediate(endIfIdle);
        endIfIdle();
      },
      (error: unknown) => this.#end({ error }),
    );
  }

  async #finish(session: Session, output: Output, ending: Ending): Promise<number> {
    const { script, loaded } = this.#built;
    const summary = this.#summarise(await session.stop(this.#hurry), script);
    // `for await` loops have ended now: let the script's last lines run.
    const failed = await this.#scriptEnd();
    // Promises that were rejected and that nobody handles are told by now.
    await new Promise((resolve) => setImmediate(resolve));
    output.summary(summary);
    output.flush();
    const unsent = this.#journal.close();
    for (const line of ending.signal === "SIGPIPE" ? [] : summaryLines(summary)) this.#reporter.note(line);
    if (unsent !== undefined) this.#reporter.note(unsent);
    if (ending.outputError !== undefined) {
      const diagnostic = describeOutputFailure(ending.outputError);
      this.#reporter.diagnostics([diagnostic]);
      return exitCodeOf([diagnostic]);
    }
    const error = ending.error ?? this.#failure ?? failed;
    if (error !== undefined) {
      const diagnostics = loaded.describeError(error);
      this.#reporter.diagnostics(diagnostics);
      return exitCodeOf(diagnostics);
    }
    return ending.signal === undefined ? 0 : signalExits[ending.signal];
  }

  #summarise(result: SessionSummary, script: Script): RunSummary {
    return {
      delivered: this.#taken,
      durationMs: result.durationMs,
      counters: result.counters,
      missedRuns: result.missedRuns.map(({ probe, count }) => ({ probe: probe.name, count })),
      missedHits: result.missedHits.map(({ probe: { name, attach }, count }) => ({
        probe: name,
        count,
        returns: attach.kind === "kprobe" && attach.returns,
      })),
      hostDropped: script.streams.reduce((sum, stream) => sum + stream.droppedInHost, 0),
      discarded: result.discarded,
      workingDirectory: process.cwd(),
    };
  }
}

/** What has come of it, at the latest when the script has had its time to end. */
function withinEnd<T>(work: Promise<T>): Promise<T | undefined> {
  const late = new Promise<undefined>((resolve) => setTimeout(resolve, SCRIPT_END_MS, undefined).unref());
  return Promise.race([work, late]);
}
