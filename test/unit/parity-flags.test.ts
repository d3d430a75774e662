import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

/** Every option of the originals (libbpf-tools' C programs and BCC's Python ones), by tool; words are arguments without a flag. */
const ORIGINALS = {
  tcpstates: {
    "libbpf-tools": [
      "-v, --verbose",
      "-T, --timestamp",
      "-4, --ipv4",
      "-6, --ipv6",
      "-w, --wide",
      "-L, --localport",
      "-D, --remoteport",
    ],
    bcc: [
      "-T, --time",
      "-t, --timestamp",
      "-w, --wide",
      "-s, --csv",
      "-L, --localport",
      "-D, --remoteport",
      "-Y, --journal",
      "-4, --ipv4",
      "-6, --ipv6",
      "--ebpf",
    ],
  },
  tcprtt: {
    "libbpf-tools": [
      "-i, --interval",
      "-d, --duration",
      "-T, --timestamp",
      "-m, --millisecond",
      "-p, --lport",
      "-P, --rport",
      "-a, --laddr",
      "-A, --raddr",
      "-b, --byladdr",
      "-B, --byraddr",
      "-e, --extension",
      "-v, --verbose",
    ],
    bcc: [
      "-i, --interval",
      "-d, --duration",
      "-T, --timestamp",
      "-m, --milliseconds",
      "-p, --lport",
      "-P, --rport",
      "-a, --laddr",
      "-A, --raddr",
      "-b, --byladdr",
      "-B, --byraddr",
      "-e, --extension",
      "-D, --debug",
      "-4, --ipv4",
      "-6, --ipv6",
      "--ebpf",
    ],
  },
  tcpconnlat: {
    "libbpf-tools": ["-t, --timestamp", "-p, --pid", "-L, --lport", "-v, --verbose", "<min_ms>"],
    bcc: ["-t, --timestamp", "-p, --pid", "-L, --lport", "-4, --ipv4", "-6, --ipv6", "-v, --verbose", "--ebpf", "<duration_ms>"],
  },
} as const;

interface Row {
  readonly original: string;
  readonly option: string;
  readonly ours: string;
  readonly accepted: boolean;
  readonly effective: boolean;
  readonly output: "equal" | "differs" | "none";
  readonly why?: string;
}

const folder = new URL("../parity-flags/", import.meta.url);

describe("the table of the originals' options", () => {
  test.each(Object.entries<Readonly<Record<string, readonly string[]>>>(ORIGINALS))(
    "%s: each option has one row",
    (tool, originals) => {
      const rows = JSON.parse(readFileSync(new URL(`${tool}.json`, folder), "utf8")) as Row[];
      const expected = Object.entries(originals).flatMap(([original, options]) =>
        options.map((option) => `${original} ${option}`),
      );
      expect(rows.map(({ original, option }) => `${original} ${option}`).sort()).toEqual([...expected].sort());
      for (const row of rows) {
        expect(row.ours, row.option).toMatch(/\S/);
        expect(row.accepted && row.effective, `${row.option} is accepted and does what it says`).toBe(true);
        expect(["equal", "differs", "none"]).toContain(row.output);
        // What is not the same says why.
        const same = row.ours.split(" <")[0] === row.option && row.output !== "differs";
        if (!same) expect(row.why, `${row.original} ${row.option}`).toMatch(/\S+ \S+/);
      }
      // Each row is exercised: by the test of that name, which holds its own list against this one.
      expect(existsSync(new URL(`../e2e/${tool}-flags.test.ts`, import.meta.url))).toBe(true);
    },
  );

  test("there is no table of another tool", () => {
    expect(readdirSync(folder).sort()).toEqual(
      Object.keys(ORIGINALS)
        .map((tool) => `${tool}.json`)
        .sort(),
    );
  });
});
