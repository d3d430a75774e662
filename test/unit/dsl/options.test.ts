import { statSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { opt } from "../../../dsl/opt.js";
import { checkScriptArguments, options, optionsOf } from "../../../dsl/options.js";
import { beginScript } from "../../../dsl/script.js";
import { refusalOf } from "./refusal.js";

const specs = {
  all: opt.flag({ flag: "-a, --all", help: "everything" }),
  ports: opt.u16Set({ flag: "-L, --localport <list>", help: "these ports" }),
  port: opt.u16({ flag: "--port <n>", help: "one port" }),
  limit: opt.u32({ flag: "--limit <n>", help: "at most", default: 10 }),
  bytes: opt.u64({ flag: "--bytes <n>", help: "size", default: 5n }),
  name: opt.string({ flag: "-n, --name <text>", help: "title" }),
};

function withArguments(...argv: string[]) {
  const script = beginScript(argv);
  const values = options(specs);
  checkScriptArguments(script, (wanted, known) => known.filter((name) => name.startsWith(wanted.slice(0, 5))));
  return values;
}
const refused = (...argv: string[]) => {
  const { code, failure, message, hints } = refusalOf(() => withArguments(...argv));
  expect([code, failure]).toEqual([expect.stringMatching(/^TSP110[12]$/), "usage"]);
  return [message, ...(hints ?? [])];
};

test("a flag of tsprobe's that reached the script stood behind --", () => {
  const isTsprobes = (flag: string) => flag === "--for" || flag === "-v";
  const hints = (...argv: string[]) => {
    const script = beginScript(argv);
    options(specs);
    return refusalOf(() => checkScriptArguments(script, () => ["--for"], isTsprobes)).hints;
  };
  for (const [flag, ...argv] of [
    ["--for", "--for", "0.1s"],
    ["--for", "--for=0.1s"],
    ["-v", "-v"],
  ] as const)
    expect(hints(...argv)).toEqual([`what stands behind -- goes to the script: write tsprobe's own ${flag} before it`]);
  expect(hints("--fro")).toEqual(["did you mean --for?", "see --help for the script's flags"]);
});

describe("values", () => {
  test("defaults", () => {
    const values = withArguments();
    expect(values).toMatchObject({ all: false, port: undefined, limit: 10, bytes: 5n, name: undefined });
    expect(values.ports.size).toBe(0);
  });

  test("every spelling", () => {
    expect(withArguments("-a", "--limit=3", "--bytes", "0xffffffffffffffff", "-nx")).toMatchObject({
      all: true,
      limit: 3,
      bytes: 2n ** 64n - 1n,
      name: "x",
    });
    expect(withArguments("-aL", "80").ports.values()).toEqual([80]);
  });

  test("a set: lists, ranges, blanks, repetition", () => {
    const { ports } = withArguments("-L", "443, 80,8000-8002", "--localport=80,1");
    expect(ports.values()).toEqual([1, 80, 443, 8000, 8001, 8002]);
    expect([ports.size, ports.has(8001), ports.has(8003)]).toEqual([6, true, false]);
  });

  test("of a flag given twice the last value counts", () => {
    expect(withArguments("--limit", "1", "--limit", "2").limit).toBe(2);
  });

  test("synonyms, and arguments without a flag, which the values of other flags are not", () => {
    const declared = (...argv: string[]) => {
      const script = beginScript(argv);
      const first = options({ ms: opt.flag({ flag: "-m, --milliseconds, --millisecond", help: "in ms" }) });
      const second = options({
        least: opt.duration({ flag: "<min-ms>", help: "at least", unit: "ms" }),
        most: opt.u32({ flag: "<most>", help: "at most" }),
        by: opt.string({ flag: "--by <key>", help: "keys" }),
      });
      return { ...first, ...second, script };
    };
    const all = declared("--millisecond", "-p", "77", "1.5", "--by", "x", "9", "--netns=3");
    expect(all).toMatchObject({ ms: true, least: 1_500_000n, most: 9, by: "x" });
    expect(declared()).toMatchObject({ ms: false, least: undefined, most: undefined });
    const { script } = declared("1", "2", "3");
    const refusal = refusalOf(() => checkScriptArguments(script, () => []));
    expect(refusal).toMatchObject({ code: "TSP1101", message: 'unexpected argument "3"' });
    const { message, hints } = refusalOf(() => declared("soon"));
    expect([message, ...(hints ?? [])]).toEqual([
      '<min-ms>: "soon" is no duration',
      "give a number (in ms) or one with a unit: 1.5ms, 10s, 1h30m",
    ]);
  });

  test("durations are nanoseconds, plain numbers in the unit of the flag", () => {
    const read = (text?: string) => {
      beginScript(text === undefined ? [] : ["-i", text]);
      return options({ interval: opt.duration({ flag: "-i, --interval <s>", help: "pause", unit: "s", default: "1s" }) })
        .interval;
    };
    expect([undefined, "2", ".5", "0.25", "3us", "1m30s", "1.5ms"].map(read)).toEqual([
      1_000_000_000n,
      2_000_000_000n,
      500_000_000n,
      250_000_000n,
      3_000n,
      90_000_000_000n,
      1_500_000n,
    ]);
    for (const wrong of ["-1", "1 s", "s", "1e3", "999999999999h"])
      expect(refusalOf(() => read(`=${wrong}`)).message).toContain("is no duration");
    expect(refusalOf(() => options({ x: opt.duration({ flag: "--x <s>", help: "", unit: "s", default: "soon" }) })).message).toBe(
      'options(): the default of --x <s>, "soon", is no duration',
    );
  });

  test("a network namespace and a cgroup are the numbers that handlers compare with", () => {
    beginScript(["--ns", "/proc/self/ns/net", "--inode", "4026531840"]);
    const read = options({
      ns: opt.netns({ flag: "--ns <name>", help: "" }),
      inode: opt.netns({ flag: "--inode <name>", help: "" }),
    });
    expect(read).toEqual({ ns: statSync("/proc/self/ns/net").ino, inode: 4_026_531_840 });
    beginScript(["--ns", "no-such"]);
    expect(refusalOf(() => options({ ns: opt.netns({ flag: "--ns <name>", help: "" }) }))).toMatchObject({
      code: "TSP1103",
      message: "--ns: there is no network namespace no-such",
    });
  });

  // Where a file is another kind of thing the run would find nothing, and not say why.
  test.skipIf(process.platform !== "linux").each([
    ["no-such", "there is no network namespace no-such"],
    ["/proc/self/comm/net", "there is no network namespace /proc/self/comm/net"],
    ["/etc/passwd", "/etc/passwd is no network namespace"],
    ["/tmp", "/tmp is no network namespace"],
    ["/proc/self/ns/uts", "/proc/self/ns/uts is no network namespace"],
    ["4294967296", "there is no network namespace 4294967296: its number has 32 bits"],
  ])("%s is no network namespace", (text, message) => {
    beginScript(["--ns", text]);
    const { hints, ...refusal } = refusalOf(() => options({ ns: opt.netns({ flag: "--ns <name>", help: "" }) }));
    expect(refusal).toMatchObject({ code: "TSP1103", failure: "usage", message: `--ns: ${message}` });
    expect(hints).toEqual([
      "give a name of `ip netns list`, a path like /proc/PID/ns/net, or the number that `readlink` shows for it",
    ]);
  });

  test("a thread's name has the bytes that the kernel keeps, and no more", () => {
    const read = (text: string) => {
      beginScript(["--name", text]);
      return options({ name: opt.comm({ flag: "--name <name>", help: "" }) }).name;
    };
    expect(read("fifteen-bytes-x")).toBe("fifteen-bytes-x");
    expect(refusalOf(() => read("sixteen-bytes-xy"))).toMatchObject({
      code: "TSP1103",
      failure: "usage",
      message: '--name: "sixteen-bytes-xy" is longer than the 15 bytes the kernel keeps of a name',
      hints: ["write what it keeps: sixteen-bytes-x"],
    });
    // Bytes of UTF-8, not letters.
    expect(() => read("größergröße")).not.toThrow();
    expect(() => read("größergrößer")).toThrow("15 bytes");
  });

  test("cannot be changed", () => {
    expect(Object.isFrozen(withArguments())).toBe(true);
    expect(Object.isFrozen(withArguments("-L", "1").ports.values())).toBe(true);
  });

  test("the compiler finds what was declared and what was given", () => {
    const declared = optionsOf(withArguments("--limit", "7"))?.options;
    expect(declared?.map(({ name, long, short, given, value }) => [name, long, short, given, typeof value])).toEqual([
      ["all", "all", "a", false, "boolean"],
      ["ports", "localport", "L", false, "object"],
      ["port", "port", undefined, false, "undefined"],
      ["limit", "limit", undefined, true, "number"],
      ["bytes", "bytes", undefined, false, "bigint"],
      ["name", "name", "n", false, "undefined"],
    ]);
    expect(optionsOf({})).toBeUndefined();
  });
});

describe("bounds", () => {
  const bounded = (...argv: string[]) => {
    beginScript(argv);
    return options({
      interval: opt.duration({ flag: "-i, --interval <s>", help: "", unit: "s", min: "1ms", max: "596h", default: "1s" }),
      keys: opt.u32({ flag: "--keys <n>", help: "", min: 1, max: 100, default: 10 }),
      least: opt.u16({ flag: "--least <n>", help: "", min: 5 }),
      bytes: opt.u64({ flag: "--bytes <n>", help: "", max: 9n }),
    });
  };

  test("are themselves allowed, and so are the default and what was not given", () => {
    expect(bounded()).toMatchObject({ interval: 1_000_000_000n, keys: 10, least: undefined });
    expect(bounded("-i", "1ms", "--keys", "1", "--least", "5", "--bytes", "9")).toMatchObject({
      interval: 1_000_000n,
      keys: 1,
      least: 5,
      bytes: 9n,
    });
    expect(bounded("-i", "596h", "--keys", "100", "--bytes", "0")).toMatchObject({ keys: 100, bytes: 0n });
  });

  const DURATION = "give a number (in s) or one with a unit: 1.5ms, 10s, 1h30m";
  test.each([
    [["-i", "0"], "--interval must be at least 1ms", DURATION],
    [["-i", "999us"], "--interval must be at least 1ms", DURATION],
    [["--interval", "597h"], "--interval must be at most 596h", DURATION],
    [["--keys", "0"], "--keys must be at least 1", "give a number from 1 to 100"],
    [["--keys", "4000000000"], "--keys must be at most 100", "give a number from 1 to 100"],
    [["--keys", "4294967296"], "--keys must be at most 100", "give a number from 1 to 100"],
    [["--keys", "many"], '--keys: "many" is not a whole number', "give a number from 1 to 100"],
    [["--least", "4"], "--least must be at least 5", "give a number from 5 to 65535"],
    [["--bytes", "10"], "--bytes must be at most 9", "give a number from 0 to 9"],
  ])("%j", (argv, message, hint) => {
    expect(refusalOf(() => bounded(...argv))).toMatchObject({ code: "TSP1102", failure: "usage", message, hints: [hint] });
  });

  test("are durations, and have the default between them", () => {
    const message = (spec: ReturnType<typeof opt.u32 | typeof opt.duration>) => refusalOf(() => options({ x: spec })).message;
    beginScript([]);
    expect(message(opt.u32({ flag: "--x <n>", help: "", min: 1, max: 5, default: 0 }) as never)).toBe(
      "options(): the default of x, 0, is no u32 from 1 up to 5",
    );
    const duration = (min: string, text: string) => () =>
      options({ x: opt.duration({ flag: "--x <s>", help: "", unit: "s", min, default: text }) });
    expect(refusalOf(duration("1s", "5ms")).message).toBe("options(): the default of x, 5ms, is no u64 from 1s");
    expect(refusalOf(duration("soon", "5ms")).message).toBe('options(): the bound of --x <s>, "soon", is no duration');
  });
});

describe("wrong arguments", () => {
  test.each([
    [["--port", "65536"], "--port: 65536 is too large", "give a number from 0 to 65535"],
    [["--limit", "4294967296"], "--limit: 4294967296 is too large", "give a number from 0 to 4294967295"],
    [
      ["--bytes", "18446744073709551616"],
      "--bytes: 18446744073709551616 is too large",
      "give a number from 0 to 18446744073709551615",
    ],
    [["--port", "-1"], '--port: "-1" is not a whole number', "give a number from 0 to 65535"],
    [["--port", "1.5"], '--port: "1.5" is not a whole number', "give a number from 0 to 65535"],
    [["--port", "1e3"], '--port: "1e3" is not a whole number', "give a number from 0 to 65535"],
    [["-L", "1,x"], '--localport: "x" is not a whole number', "give a number from 0 to 65535"],
    [["-L", "9-3"], "--localport: the range 9-3 is empty", "write 3-9"],
    [["-L", "1-70000"], "--localport: 70000 is too large", "give a number from 0 to 65535"],
    [["-L", ",1"], '--localport: a number is missing in ",1"', "write a list like 80,443 or 8000-8010"],
    [["-L"], "--localport needs a value", "write --localport <list>: these ports"],
    [["--name"], "--name needs a value", "write --name <text>: title"],
    [["--port="], "--port needs a value", "write --port <n>: one port"],
    [["--all=1"], "--all takes no value", "write just --all"],
    [["80"], 'unexpected argument "80"', "the script takes flags only; see --help"],
  ])("%j", (argv, message, hint) => {
    expect(refused(...argv)).toEqual([message, hint]);
  });

  test("flags nobody declared, with the nearest one", () => {
    expect(refused("--limt", "3")).toEqual([
      "the script has no flag --limt",
      "did you mean --limit?",
      "see --help for the script's flags",
    ]);
    expect(refused("-l", "3")).toEqual(["the script has no flag -l", "did you mean -L?", "see --help for the script's flags"]);
    expect(refused("-x")).toEqual(["the script has no flag -x", "see --help for the script's flags"]);
  });
});

describe("declarations", () => {
  const declaring = (more: Parameters<typeof options>[0]) => {
    beginScript([]);
    const { code, failure, message, hints } = refusalOf(() => options(more));
    expect([code, failure]).toEqual(["TSP2302", "script-error"]);
    return [message, ...(hints ?? [])];
  };

  test.each([
    "-localport <list>",
    "-L <list>",
    "--Port <n>",
    "--port n",
    "L, --port <n>",
    "-L,--port <n>",
    "--",
    "--port <>",
    "",
  ])("refuses the flag %j", (flag) => {
    expect(declaring({ port: opt.u16({ flag, help: "" }) })).toEqual([
      `options(): the flag of port is not written as flags are: "${flag}"`,
      'write it like "-L, --localport <list>", "--localport <list>" or "<list>"',
    ]);
  });

  test("refuses a switch with a value", () => {
    expect(declaring({ all: opt.flag({ flag: "--all <x>", help: "" }) })[0]).toBe(
      'options(): all is a switch, but its flag "--all <x>" names a value',
    );
  });

  test("refuses one flag for two options, also over two calls", () => {
    const a = opt.flag({ flag: "-a, --all", help: "" });
    expect(declaring({ a, b: opt.flag({ flag: "-a, --any", help: "" }) })[0]).toBe("options(): a and b both have the flag -a");
    beginScript([]);
    options({ a });
    expect(refusalOf(() => options({ c: opt.flag({ flag: "--all", help: "" }) })).message).toBe(
      "options(): a and c both have the flag --all",
    );
  });

  test.each([
    ["port", opt.u16({ flag: "--port <n>", help: "", default: 65_536 })],
    ["limit", opt.u32({ flag: "--limit <n>", help: "", default: -1 })],
    ["share", opt.u32({ flag: "--share <n>", help: "", default: 0.5 })],
    ["bytes", opt.u64({ flag: "--bytes <n>", help: "", default: 2n ** 64n })],
  ])("refuses a default of %s that its type cannot hold", (name, spec) => {
    expect(declaring({ [name]: spec })[0]).toBe(`options(): the default of ${name}, ${spec.default}, is no ${spec.type}`);
  });
});
