import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { allFlags, defaultFlags } from "../../../cli/flags.js";
import { type CommandLine, splitArguments } from "../../../cli/flags-parse.js";
import { DiagnosticError } from "../../../diagnostics/diagnostic.js";

function split(line: string): CommandLine {
  return splitArguments(line === "" ? [] : line.split(" "));
}

function run(line: string) {
  const parsed = split(line);
  if (parsed.command !== "run") throw new Error(`not a run: ${parsed.command}`);
  const changed = Object.fromEntries(
    Object.entries(parsed.own).filter(([key, value]) => value !== defaultFlags[key as keyof typeof defaultFlags]),
  );
  return { script: parsed.script, own: changed, rest: parsed.rest };
}

function complaint(line: string): string {
  try {
    split(line);
  } catch (error) {
    if (error instanceof DiagnosticError) {
      const [{ code, failure, message, hints }] = error.diagnostics as [DiagnosticError["diagnostics"][0]];
      expect(failure).toBe("usage");
      return `tsprobe ${line}\n  ${code} ${message}${(hints ?? []).map((hint) => `\n  hint: ${hint}`).join("")}`;
    }
    throw error;
  }
  throw new Error(`"${line}" was taken`);
}

describe("splitArguments", () => {
  test.each([
    ["run x.ts", { script: "x.ts", own: {}, rest: [] }],
    ["run --for 10s x.ts", { script: "x.ts", own: { for: 10_000 }, rest: [] }],
    ["run x.ts --for=10s", { script: "x.ts", own: { for: 10_000 }, rest: [] }],
    ["--for 2 run x.ts", { script: "x.ts", own: { for: 2000 }, rest: [] }],
    ["run x.ts -L 80 --events 5 -4", { script: "x.ts", own: { events: 5 }, rest: ["-L", "80", "-4"] }],
    ["run x.ts --min -5 word", { script: "x.ts", own: {}, rest: ["--min", "-5", "word"] }],
    ["run -qv x.ts", { script: "x.ts", own: { quiet: true, verbose: true }, rest: [] }],
    ["run x.ts -qv", { script: "x.ts", own: { quiet: true, verbose: true }, rest: [] }],
    ["run x.ts -4v", { script: "x.ts", own: {}, rest: ["-4v"] }],
    [
      "run x.ts --no-check --no-header --format csv",
      { script: "x.ts", own: { check: false, header: false, format: "csv" }, rest: [] },
    ],
    ["run x.ts --for 1 --for 2", { script: "x.ts", own: { for: 2000 }, rest: [] }],
    ["run x.ts --help", { script: "x.ts", own: { help: true }, rest: [] }],
    ["run x.ts -- -v --for 3 -- x", { script: "x.ts", own: {}, rest: ["-v", "--for", "3", "--", "x"] }],
    ["run -v -- -odd.ts -v", { script: "-odd.ts", own: { verbose: true }, rest: ["-v"] }],
    ["run -", { script: "-", own: {}, rest: [] }],
    ["run x.ts --clang=/opt/a=b", { script: "x.ts", own: { clang: "/opt/a=b" }, rest: [] }],
  ])("%s", (line, expected) => {
    expect(run(line)).toEqual(expected);
  });

  test("other commands", () => {
    expect(split("show c x.ts -L 80")).toEqual({
      command: "show",
      stage: "c",
      script: "x.ts",
      own: defaultFlags,
      rest: ["-L", "80"],
    });
    expect(split("check x.ts -q")).toEqual({ command: "check", script: "x.ts", own: { ...defaultFlags, quiet: true }, rest: [] });
    expect(split("")).toEqual({ command: "help", topic: undefined, own: defaultFlags });
    expect(split("-h")).toMatchObject({ command: "help", topic: undefined });
    expect(split("help run")).toMatchObject({ command: "help", topic: "run" });
    expect(split("run -h")).toMatchObject({ command: "help", topic: "run" });
    expect(split("show --help")).toMatchObject({ command: "help", topic: "show" });
    expect(split("--version")).toMatchObject({ command: "version" });
  });

  test("mistakes", () => {
    const lines = [
      "run --fro 10s x.ts",
      "run -x x.ts",
      "run x.ts --for",
      "run --for --events 5 x.ts",
      "run x.ts --for=",
      "run x.ts --for soon",
      "run x.ts --events 0",
      "run x.ts --format xml",
      "run x.ts --verbose=yes",
      "check --for 10s x.ts",
      "--for 10s",
      "run",
      "show",
      "show x.ts",
      "show c",
      "rnu x.ts",
      "probes/tcpstates.ts -L 80",
      "help nothing",
    ];
    expect(lines.map(complaint).join("\n")).toMatchInlineSnapshot(`
      "tsprobe run --fro 10s x.ts
        TSP1111 there is no flag --fro
        hint: did you mean --for?
        hint: flags of a script come after its path; see tsprobe help
      tsprobe run -x x.ts
        TSP1111 there is no flag -x
        hint: flags of a script come after its path; see tsprobe help
      tsprobe run x.ts --for
        TSP1112 --for needs a value
        hint: write --for <duration>: stop after this time: 10s, 500ms, 2m, 1h30m; a plain number is seconds
      tsprobe run --for --events 5 x.ts
        TSP1112 --for needs a value
        hint: write --for <duration>: stop after this time: 10s, 500ms, 2m, 1h30m; a plain number is seconds
      tsprobe run x.ts --for=
        TSP1112 --for needs a value
        hint: write --for <duration>: stop after this time: 10s, 500ms, 2m, 1h30m; a plain number is seconds
      tsprobe run x.ts --for soon
        TSP1113 --for does not take "soon"
        hint: write a time like 10s, 500ms, 2m or 1h30m; a plain number is seconds
      tsprobe run x.ts --events 0
        TSP1113 --events does not take "0"
        hint: write a whole number from 1
      tsprobe run x.ts --format xml
        TSP1113 --format does not take "xml"
        hint: choose one of table, json, csv
      tsprobe run x.ts --verbose=yes
        TSP1113 --verbose takes no value
        hint: write just --verbose
      tsprobe check --for 10s x.ts
        TSP1111 tsprobe check takes no --for
        hint: it belongs to tsprobe run
      tsprobe --for 10s
        TSP1111 --for needs a command
        hint: it belongs to tsprobe run
      tsprobe run
        TSP1115 run needs the path of a script
        hint: write tsprobe run probes/tcpstates.ts
      tsprobe show
        TSP1114 show needs to know what to show
        hint: write tsprobe show c <script> or tsprobe show ir <script>
      tsprobe show x.ts
        TSP1114 show cannot show "x.ts"
        hint: write tsprobe show c <script> or tsprobe show ir <script>
      tsprobe show c
        TSP1115 show needs the path of a script
        hint: write tsprobe show c probes/tcpstates.ts
      tsprobe rnu x.ts
        TSP1114 there is no command "rnu"
        hint: did you mean tsprobe run?
        hint: the commands are run, check, show, types, doctor, help
      tsprobe probes/tcpstates.ts -L 80
        TSP1114 there is no command "probes/tcpstates.ts"
        hint: to run a script: tsprobe run probes/tcpstates.ts
        hint: the commands are run, check, show, types, doctor, help
      tsprobe help nothing
        TSP1114 there is no command "nothing"
        hint: the commands are run, check, show, types, doctor, help"
    `);
  });

  test("is total: any arguments are taken apart or refused as usage, and no word of the script is lost or changed", () => {
    const word = fc.oneof(
      fc.constantFrom("run", "x.ts", "--", "-L", "80", "--for", "10s", "-v", "-qv", "--help", "show", "c", "--events=3"),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(word), (argv) => {
        try {
          const parsed = splitArguments(argv);
          if ("rest" in parsed) {
            let from = 0;
            for (const given of parsed.rest) from = argv.indexOf(given, from) + 1 || Number.NaN;
            expect(from).not.toBeNaN();
          }
        } catch (error) {
          expect(error).toBeInstanceOf(DiagnosticError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

test("flag names are unique", () => {
  const names = allFlags.flatMap((flag) => [flag.long, ...(flag.short === undefined ? [] : [flag.short])]);
  expect(new Set(names).size).toBe(names.length);
});
