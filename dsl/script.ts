import type { AggregationDeclaration } from "./aggregation-declaration.js";
import { refuseDeclaration } from "./declaration-error.js";
import type { Nothing } from "./first-of.js";
import type { HostHooks } from "./host.js";
import type { MapDeclaration } from "./map-declaration.js";
import type { OptionsDeclaration } from "./options.js";
import type { OutputFormat } from "./output-format.js";
import { type PrintOptions, printAsJson } from "./print.js";
import type { State } from "./state.js";
import type { EventStream } from "./stream.js";
import type { TableDeclaration } from "./table.js";
import type { HookTarget } from "./targets.js";
import type { Usage } from "./usage.js";

/** A hook and its handler. */
export interface HookDeclaration {
  readonly target: HookTarget;
  /** The handler as the script wrote it: runs in Node for tests; its captured form becomes kernel code. */
  readonly handler: (ctx: never) => unknown;
}

/** A hook the script declared. */
export interface ProbeDeclaration extends HookDeclaration {
  /** Index into `Script.streams` of what the handler returns. */
  readonly stream: number;
  /** What `firstOf` tries when this kernel does not have the first, in order. */
  readonly otherwise: readonly HookDeclaration[];
  /** The script goes without this probe where the kernel has none of them. */
  readonly orNothing?: Nothing;
}

/** Everything a script declared while its module ran. */
export interface Script {
  /** Whether it is being compiled already, so that what is declared now would be without effect. */
  sealed: boolean;
  /** The script's own command-line arguments, before it is loaded. */
  readonly argv: readonly string[];
  readonly probes: ProbeDeclaration[];
  /** One per probe and per channel, in order of declaration. */
  readonly streams: EventStream<never>[];
  readonly maps: MapDeclaration[];
  readonly aggregations: AggregationDeclaration[];
  /** The maps, stashes and aggregations themselves, in order of declaration. */
  readonly state: State[];
  readonly options: OptionsDeclaration[];
  readonly tables: TableDeclaration[];
  /** onStart, onExit, every. */
  readonly host: HostHooks;
  /** What its help says beside its flags. */
  readonly usage: Usage[];
  /** `--format`, and what the script takes when that is not given. */
  format: OutputFormat | undefined;
  /** Shows a row that the host made: `rows`. False: it comes too late, the run has all that were asked for. */
  onRow: (stream: number, row: unknown) => boolean;
  /** Shows a map or aggregation: `print`. */
  print: (state: State, options: PrintOptions) => Promise<void> | undefined;
  /** Sends a record to systemd's journal: `journal`. */
  journal: (record: Uint8Array) => void;
  /** The script wants the run to end: `stop`. */
  stopped: boolean;
  /** Called when it does. */
  onStop: () => void;
  /** Called once when the script starts to wait for events (`for await`) before its module has ended. */
  onWaiting: () => void;
  /** Called when a `for await` loop over one of its streams has ended. */
  onReaderEnded: () => void;
}

function emptyScript(argv: readonly string[], format?: OutputFormat): Script {
  return {
    sealed: false,
    argv,
    probes: [],
    streams: [],
    maps: [],
    aggregations: [],
    state: [],
    options: [],
    tables: [],
    host: { start: [], exit: [], every: [], onAdded: () => {} },
    usage: [],
    format,
    onRow: () => true,
    print: printAsJson,
    journal: () => {},
    stopped: false,
    onStop: () => {},
    onWaiting: () => {},
    onReaderEnded: () => {},
  };
}

let current: Script = emptyScript([]);

/**
 * Starts collecting declarations for a new script: everything declared from here on belongs to it.
 * @param format what `--format` says, if it was given
 */
export function beginScript(argv: readonly string[], format?: OutputFormat): Script {
  current = emptyScript(argv, format);
  return current;
}

/** The script being declared. In plain Node (a unit test importing a script) there is always one, with no arguments. */
export function currentScript(): Script {
  return current;
}

/** The script, to declare something in. @throws DiagnosticError when it is compiled already */
export function declaringScript(): Script {
  if (current.sealed)
    refuseDeclaration(
      "this declaration comes too late: the script has been compiled, and nothing would come of it",
      "declare probes, maps, aggregations, streams, tables and options at the top level of the module, before its first `for await`",
    );
  return current;
}
