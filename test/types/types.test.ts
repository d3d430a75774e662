import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { declared } from "../../compiler/typecheck/extra-declarations.js";
import { findTypeScript } from "../../compiler/typecheck/find-tsc.js";
import { compilerOptions } from "../../compiler/typecheck/project.js";
import { printDeclarationsFor } from "../../kernel/declarations.js";
import { fixtureKernel } from "../fixtures/kernel.js";

const repository = fileURLToPath(new URL("../../", import.meta.url));
const cases = join(repository, "test", "types", "cases");
const names = readdirSync(cases).filter((name) => name.endsWith(".ts"));

/** What `tsprobe types` prints of struct sock on a kernel with BTF; the test shall not need one. */
const STRUCTS = '\ndeclare module "tsprobe" {\n  interface LocalStructs {\n    "sock": { readonly sk_mark: u32; };\n  }\n}\n';

/** The same of functions: as kernel/declaration-functions.ts prints them. */
const FUNCTIONS = `
declare module "tsprobe" {
  interface LocalFunctions {
    "tcp_sendmsg": { sk: KernelStruct<"sock">; msg: ptr; size: u64; };
    "sock_init": { ret: u32; };
    "nothing": { on: boolean; };
  }
  interface LocalReturns {
    "tcp_sendmsg": { ret: s32 };
    "sock_init": { returned: s32 };
  }
  interface LocalRawTracepoints {
    "sched_switch": { preempt: boolean; prev: KernelStruct<"sock">; };
  }
}
`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tsprobe-types-"));
  const kernel = printDeclarationsFor(fixtureKernel(), {
    tracepoints: ["sock:inet_sock_set_state"],
    structs: [],
    members: new Set(),
  });
  writeFileSync(join(folder, "kernel.d.ts"), kernel + STRUCTS + FUNCTIONS);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What tsc says about files when it sees them as scripts are seen: our sources behind "tsprobe", and a kernel's declarations. */
async function check(files: readonly string[], kernel = true): Promise<string> {
  const own = Object.fromEntries(
    [
      ["tsprobe", "dsl/index.ts"],
      ["tsprobe/kernel", "dsl/kernel/index.ts"],
      ["tsprobe/test", "dsl/test/index.ts"],
    ].map(([name, path]) => [name as string, join(repository, path as string)]),
  );
  const settings = {
    entry: files[0] as string,
    own,
    extraDeclarations: declared(""),
    bare: false,
    nodeTypes: join(repository, "node_modules", "@types"),
  };
  const config = join(folder, "tsconfig.json");
  const all = [...files, ...(kernel ? [join(folder, "kernel.d.ts")] : [])];
  writeFileSync(config, JSON.stringify({ compilerOptions: compilerOptions(settings), files: all }));
  const tsc = findTypeScript();
  if (tsc === undefined) throw new Error("typescript is not installed");
  const run = promisify(execFile)(tsc.command, [...tsc.leadingArguments, "-p", config, "--pretty", "false"], { cwd: cases });
  return run.then(
    ({ stdout }) => stdout,
    ({ stdout }: { stdout: string }) => stdout,
  );
}

// Each @ts-expect-error that meets no error is an error of its own, so the cases say what must not compile, too.
test("what reaches callbacks has the types that handlers, maps, channels and options give it", async () => {
  expect(await check(names.map((name) => join(cases, name)))).toBe("");
}, 60_000);

test("without a kernel's declarations the names are not known: the cases depend on them", async () => {
  expect(await check([join(cases, "events.ts")], false)).toMatch(
    /^events\.ts\(\d+,\d+\): error TS2769: .*\n.*\n.*"sock:inet_sock_set_state.*not assignable to parameter of type 'never'/,
  );
}, 60_000);
