import type { FailureClass } from "../../diagnostics/diagnostic.js";

/** One way to go wrong, run through the command line in test/fixtures/wrong. */
export interface WrongCase {
  /** Name of the golden; without `args` also of the script. */
  readonly name: string;
  /** What stands behind `tsprobe`; by default `check NAME.ts`. */
  readonly args?: readonly string[];
  /** Decides the exit code. */
  readonly failure: FailureClass;
  /** How many errors are shown: one mistake, one error. */
  readonly errors?: number;
  /** Whether there is a place in the script; by default unless the command line is what is wrong. */
  readonly placed?: boolean;
  /** Whether a hint says what to do; tsc's words are often all that can be said. */
  readonly hinted?: boolean;
  /** What is printed on standard output before it goes wrong. */
  readonly stdout?: string;
}

const inHandler = (name: string, more: Partial<WrongCase> = {}): WrongCase => ({ name, failure: "language", ...more });
const inScript = (failure: FailureClass, name: string, more: Partial<WrongCase> = {}): WrongCase => ({ name, failure, ...more });
/** Goes wrong while it runs; without the notes, whose numbers differ. */
const whileRunning = (failure: FailureClass, name: string, more: Partial<WrongCase> = {}): WrongCase => ({
  name,
  failure,
  args: ["run", "--quiet", `${name}.ts`],
  ...more,
});
const onCommandLine = (name: string, ...args: string[]): WrongCase => ({ name, failure: "usage", args, placed: false });

const NOT_TYPESCRIPT: readonly WrongCase[] = [
  inScript("syntax", "syntax"),
  inScript("syntax", "syntax-at-end"),
  inScript("syntax", "syntax-twice", { errors: 2, hinted: false }),
  inScript("syntax", "await-in-callback"),
  inScript("syntax", "await"),
  inScript("syntax", "const-changed"),
];

const TYPES: readonly WrongCase[] = [
  inScript("type", "type-in-callback"),
  inScript("type", "type-in-host", { hinted: false }),
  inScript("type", "type-in-import", { hinted: false }),
  inScript("type", "table-unknown-column"),
  inScript("type", "alternative-of-other-kernels"),
];

const CONSTRUCTS: readonly WrongCase[] = [
  inHandler("async-handler"),
  inHandler("class-in-event"),
  inHandler("aggregation-in-kernel", { errors: 4 }),
  inHandler("class-instance"),
  inHandler("closure-let"),
  inHandler("console"),
  inHandler("date-now"),
  inHandler("endless-loop"),
  inHandler("float"),
  inHandler("function-in-handler"),
  inHandler("generator-handler"),
  inHandler("handler-by-name"),
  inHandler("host-function"),
  inHandler("host-variable-changed"),
  inHandler("in-helper-file"),
  inHandler("loose-equality"),
  inHandler("math-random"),
  inHandler("new"),
  inHandler("non-null-assertion"),
  inHandler("number-division"),
  inHandler("optional-call"),
  inHandler("process-env"),
  inHandler("recursion"),
  inHandler("regex"),
  inHandler("spread"),
  inHandler("text-method"),
  inHandler("three-mistakes", { errors: 3 }),
  inHandler("throw"),
  inHandler("try"),
  inHandler("undeclared-name"),
  inHandler("unsafe-type", { args: ["run", "--no-check", "unsafe-type.ts"] }),
  inHandler("var"),
];

const CONTROL: readonly WrongCase[] = [
  inHandler("rounds-too-many"),
  inHandler("for-in"),
  inHandler("array-callback"),
  inHandler("template-compared"),
  inHandler("template-of-bytes"),
  inHandler("map-loop-entry"),
  inHandler("rest-element"),
  inScript("name", "destructuring-typo"),
  inHandler("loop-variable"),
  inHandler("recursion-mutual"),
  inHandler("math-sqrt"),
  inHandler("eval"),
];

const VALUES: readonly WrongCase[] = [
  inHandler("bigint-too-large"),
  inHandler("map-key-type"),
  inHandler("mixed-integers"),
  inHandler("possibly-undefined"),
  inHandler("event-pointer"),
  inHandler("event-number"),
  inHandler("event-nested-array"),
  inHandler("channel-field-missing"),
  inHandler("stack-depth"),
  inHandler("stack-in-helper"),
  inHandler("stack-kind", { hinted: false }),
  inHandler("symbol-of-number"),
];

const TEXTS: readonly WrongCase[] = [
  inHandler("text-size"),
  inHandler("text-too-long"),
  inHandler("text-of-text"),
  inHandler("text-unknown-suffix"),
  inHandler("text-search-long"),
  inHandler("text-in-loop"),
  inHandler("user-text-unchecked"),
  inHandler("address-literal"),
  inHandler("address-spelling"),
  inHandler("address-and-text"),
  inHandler("bytes-compared"),
  inHandler("mac-bytes"),
  inHandler("errno-typo"),
];

const NAMES: readonly WrongCase[] = [
  inScript("name", "tracepoint-typo"),
  inScript("name", "tracepoint-without-category"),
  inScript("name", "field-typo"),
  inScript("name", "struct-typo"),
  inScript("name", "member-typo"),
  inScript("name", "export-typo"),
  inScript("name", "uprobe-file-missing"),
  inScript("name", "uprobe-library-missing"),
  inScript("name", "uprobe-not-elf", { hinted: false }),
  inScript("name", "uprobe-argument-undeclared"),
  inScript("script-error", "uprobe-argument-type"),
  inHandler("uprobe-handler-missing"),
  inScript("name", "perf-event-typo"),
  inScript("script-error", "perf-event-without-period"),
  inScript("script-error", "profile-rate"),
  inScript("name", "import-missing"),
  inScript("name", "package-missing"),
];

const DECLARATIONS: readonly WrongCase[] = [
  inScript("script-error", "map-type-name"),
  inScript("script-error", "linear-hist"),
  inScript("script-error", "map-max"),
  inScript("script-error", "event-type-name"),
  inScript("script-error", "table-of-nothing"),
  inScript("script-error", "option-flag-format"),
  inScript("script-error", "option-switch-with-value"),
  inScript("script-error", "option-repeated"),
  inScript("script-error", "option-default"),
  inScript("language", "no-probe"),
  inScript("language", "empty"),
];

const RUNNING: readonly WrongCase[] = [
  inScript("script-error", "throws", { hinted: false }),
  inScript("script-error", "throws-text", { placed: false }),
  whileRunning("script-error", "throws-unawaited", { hinted: false }),
  whileRunning("script-error", "throws-in-timer", { hinted: false }),
  whileRunning("script-error", "throws-in-callback", { hinted: false }),
  whileRunning("script-error", "throws-in-loop", { hinted: false }),
  whileRunning("script-error", "throws-in-table", { hinted: false, stdout: "PORT  NAME\n" }),
  whileRunning("verifier", "too-complex"),
];

const FILES: readonly WrongCase[] = [
  { name: "script-missing", args: ["run", "optoins.ts"], failure: "script-missing", placed: false },
  { name: "script-in-missing-folder", args: ["run", "nowhere/options.ts"], failure: "script-missing", placed: false },
  { name: "script-is-folder", args: ["run", "helpers"], failure: "script-missing", placed: false },
];

const COMMAND_LINE: readonly WrongCase[] = [
  onCommandLine("no-script", "run"),
  onCommandLine("command-typo", "runn", "options.ts"),
  onCommandLine("command-left-out", "options.ts"),
  onCommandLine("help-of-nothing", "help", "nonsense"),
  onCommandLine("show-nothing", "show"),
  onCommandLine("show-unknown", "show", "x", "options.ts"),
  onCommandLine("flag-typo", "--verbos", "run", "options.ts"),
  onCommandLine("flag-of-other-command", "check", "--for", "1s", "options.ts"),
  onCommandLine("for-no-time", "run", "options.ts", "--for", "tomorrow"),
  onCommandLine("for-zero", "run", "options.ts", "--for", "0"),
  onCommandLine("for-too-long", "run", "options.ts", "--for", "9999h"),
  onCommandLine("events-no-number", "run", "options.ts", "--events", "many"),
  onCommandLine("events-zero", "run", "options.ts", "--events", "0"),
  onCommandLine("events-no-value", "run", "options.ts", "--events"),
  onCommandLine("format-unknown", "run", "options.ts", "--format", "xml"),
  onCommandLine("ring-size-no-power", "run", "options.ts", "--ring-size", "5000"),
  onCommandLine("ring-size-no-size", "run", "options.ts", "--ring-size", "tiny"),
  onCommandLine("option-typo", "run", "options.ts", "--locaport", "80"),
  onCommandLine("option-other-case", "run", "options.ts", "-l", "80"),
  onCommandLine("option-meant-for-us", "run", "options.ts", "--no-cheque"),
  onCommandLine("option-too-large", "run", "options.ts", "-L", "99999"),
  onCommandLine("option-no-number", "run", "options.ts", "-L", "abc"),
  onCommandLine("option-empty-range", "run", "options.ts", "-L", "90-80"),
  onCommandLine("option-empty-place", "run", "options.ts", "-L", "80,,443"),
  onCommandLine("option-no-value", "run", "options.ts", "-L"),
  onCommandLine("option-negative", "run", "options.ts", "--limit", "-5"),
  onCommandLine("option-switch-given-value", "run", "options.ts", "--all=yes"),
  onCommandLine("stray-word", "run", "options.ts", "443"),
];

export const wrongCases: readonly WrongCase[] = [
  ...NOT_TYPESCRIPT,
  ...TYPES,
  ...CONSTRUCTS,
  ...CONTROL,
  ...VALUES,
  ...TEXTS,
  ...NAMES,
  ...DECLARATIONS,
  ...RUNNING,
  ...FILES,
  ...COMMAND_LINE,
];

/** Scripts of the folder that other tests use: right ones, and what clang words differently from version to version. */
export const otherScripts: readonly string[] = ["options", "stack-too-large"];
