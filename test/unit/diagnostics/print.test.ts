import { describe, expect, test } from "vitest";
import type { Diagnostic } from "../../../diagnostics/diagnostic.js";
import type { FrameColors } from "../../../diagnostics/frame.js";
import { diagnosticToJson, formatDiagnostic, formatDiagnostics, type PrintOptions } from "../../../diagnostics/print.js";
import type { SourceFile, Span } from "../../../diagnostics/span.js";

const file: SourceFile = {
  path: "/home/me/tool/probes/x.ts",
  text: 'tracepoint("sock:inet_sock_set_state", (ctx) => {\n  if (ctx.protocl !== IPPROTO_TCP) return;\n  return { pid: pid() };\n});\n',
};
const helper: SourceFile = { path: "/home/me/shared/helper.ts", text: "export let limit = 3;\n" };

function spanOf(text: string, source = file): Span {
  const start = source.text.indexOf(text);
  return { file: source, start, end: start + text.length };
}

function tagged(name: string) {
  return (text: string) => `<${name}>${text}</${name}>`;
}
const same = (text: string) => text;
const plain: FrameColors = { bold: same, dim: same, red: same, yellow: same, cyan: same };
const painted: FrameColors = {
  bold: tagged("b"),
  dim: tagged("dim"),
  red: tagged("red"),
  yellow: tagged("yellow"),
  cyan: tagged("cyan"),
};

const unknownField: Diagnostic = {
  code: "TSP3002",
  failure: "name",
  severity: "error",
  message: "sock:inet_sock_set_state has no field protocl",
  span: spanOf("protocl"),
  hints: ["did you mean protocol?", "all fields:\nprotocol\nskaddr"],
};

function print(diagnostic: Diagnostic, options: Partial<PrintOptions> = {}): string {
  return `\n${formatDiagnostic(diagnostic, { colors: plain, cwd: "/home/me/tool", ...options })}\n`;
}

describe("for people", () => {
  test("place, frame and hints", () => {
    expect(print(unknownField)).toMatchInlineSnapshot(`
      "
      error[TSP3002]: sock:inet_sock_set_state has no field protocl
       --> probes/x.ts:2:11
      1 | tracepoint("sock:inet_sock_set_state", (ctx) => {
      2 |   if (ctx.protocl !== IPPROTO_TCP) return;
        |           ^^^^^^^
      3 |   return { pid: pid() };
      hint: did you mean protocol?
      hint: all fields:
            protocol
            skaddr
      "
    `);
  });

  test("no place, several lines of message", () => {
    const diagnostic: Diagnostic = {
      code: "TSP1501",
      failure: "compiler-missing",
      severity: "error",
      message: "no clang was found\non this machine",
    };
    expect(print(diagnostic)).toMatchInlineSnapshot(`
      "
      error[TSP1501]: no clang was found
         on this machine
      "
    `);
  });

  test("explanations in the same file and in another", () => {
    const diagnostic: Diagnostic = {
      code: "TSP2007",
      failure: "language",
      severity: "error",
      message: "limit can change: a handler can use only constants",
      span: spanOf("IPPROTO_TCP"),
      labels: [
        { span: spanOf("limit", helper), message: "declared with let" },
        { span: spanOf("tracepoint"), message: "in this handler" },
      ],
    };
    expect(print(diagnostic)).toMatchInlineSnapshot(`
      "
      error[TSP2007]: limit can change: a handler can use only constants
       --> probes/x.ts:2:23
      1 | tracepoint("sock:inet_sock_set_state", (ctx) => {
        | ---------- in this handler
      2 |   if (ctx.protocl !== IPPROTO_TCP) return;
        |                       ^^^^^^^^^^^
      3 |   return { pid: pid() };
       ::: /home/me/shared/helper.ts:1:12
      1 | export let limit = 3;
        |            ----- declared with let
      "
    `);
  });

  test("a path outside of the current directory stays absolute", () => {
    for (const cwd of ["/home/me/tool/probes/deeper", "/home/me/too", "/elsewhere"]) {
      expect(print(unknownField, { cwd })).toContain(" --> /home/me/tool/probes/x.ts:2:11\n");
    }
    expect(print(unknownField, { cwd: "/" })).toContain(" --> home/me/tool/probes/x.ts:2:11\n");
  });

  test("a foreign tool's text is counted, and shown when asked for", () => {
    const diagnostic: Diagnostic = {
      code: "TSP5002",
      failure: "compiler",
      severity: "error",
      message: "this handler needs more than the 512 bytes of stack that a BPF program has",
      details: "first line\n\n  third line\n",
    };
    expect(print(diagnostic)).toMatchInlineSnapshot(`
      "
      error[TSP5002]: this handler needs more than the 512 bytes of stack that a BPF program has
      (3 lines of clang's output hidden: run again with -v)
      "
    `);
    expect(print(diagnostic, { verbose: true })).toMatchInlineSnapshot(`
      "
      error[TSP5002]: this handler needs more than the 512 bytes of stack that a BPF program has
      clang's output:
        first line

          third line
      "
    `);
    expect(print({ ...diagnostic, failure: "verifier", details: "one" })).toContain(
      "(1 line of the verifier's log hidden: run again with -v)",
    );
    expect(print({ ...diagnostic, details: "\n" })).not.toContain("hidden");
  });

  test("colours", () => {
    expect(print({ ...unknownField, severity: "warning", details: "x" }, { colors: painted })).toMatchInlineSnapshot(`
      "
      <yellow><b>warning[TSP3002]:</b></yellow><b> sock:inet_sock_set_state has no field protocl</b>
      <cyan> --></cyan> probes/x.ts:2:11
      <cyan>1</cyan> <cyan>|</cyan> tracepoint("sock:inet_sock_set_state", (ctx) => {
      <cyan>2</cyan> <cyan>|</cyan>   if (ctx.protocl !== IPPROTO_TCP) return;
        <cyan>|</cyan>           <yellow>^^^^^^^</yellow>
      <cyan>3</cyan> <cyan>|</cyan>   return { pid: pid() };
      <cyan>hint:</cyan> did you mean protocol?
      <cyan>hint:</cyan> all fields:
            protocol
            skaddr
      <dim>(1 line of details hidden: run again with -v)</dim>
      "
    `);
  });

  test("several", () => {
    const short: Diagnostic = { code: "TSP1000", failure: "usage", severity: "error", message: "one" };
    expect(formatDiagnostics([short, { ...short, message: "two" }], { colors: plain, cwd: "/" })).toBe(
      "error[TSP1000]: one\n\nerror[TSP1000]: two",
    );
  });
});

test("for programs", () => {
  const diagnostic: Diagnostic = {
    ...unknownField,
    labels: [{ span: spanOf("limit", helper), message: "here" }],
    details: "all of it",
  };
  expect(JSON.parse(JSON.stringify(diagnosticToJson(diagnostic)))).toMatchInlineSnapshot(`
    {
      "code": "TSP3002",
      "details": "all of it",
      "failure": "name",
      "hints": [
        "did you mean protocol?",
        "all fields:
    protocol
    skaddr",
      ],
      "labels": [
        {
          "message": "here",
          "span": {
            "end": {
              "column": 17,
              "line": 1,
            },
            "file": "/home/me/shared/helper.ts",
            "start": {
              "column": 12,
              "line": 1,
            },
          },
        },
      ],
      "message": "sock:inet_sock_set_state has no field protocl",
      "severity": "error",
      "span": {
        "end": {
          "column": 18,
          "line": 2,
        },
        "file": "/home/me/tool/probes/x.ts",
        "start": {
          "column": 11,
          "line": 2,
        },
      },
    }
  `);
  expect(diagnosticToJson({ code: "TSP1000", failure: "usage", severity: "error", message: "one" })).toEqual({
    code: "TSP1000",
    severity: "error",
    failure: "usage",
    message: "one",
  });
});
