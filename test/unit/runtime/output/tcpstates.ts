import type { EventLayout, ValueLayout } from "../../../../compiler/program.js";
import { beginScript } from "../../../../dsl/script.js";
import { EventStream } from "../../../../dsl/stream.js";
import { type Column, type TableDeclaration, table } from "../../../../dsl/table.js";

/** Layouts and events of DESIGN.md's tcpstates, for tests of the formats. */
const names = new Map([
  [1, "ESTABLISHED"],
  [2, "SYN_SENT"],
  [7, "CLOSE"],
  [8, "CLOSE_WAIT"],
]);
const state: ValueLayout = { kind: "enum", size: 4, signed: true, names };
const u16: ValueLayout = { kind: "int", size: 2, signed: false, as: "number" };
const u32: ValueLayout = { kind: "int", size: 4, signed: false, as: "number" };
const u64: ValueLayout = { kind: "int", size: 8, signed: false, as: "bigint" };

export function layoutOf(name: string, stream: number, fields: Readonly<Record<string, ValueLayout>>): EventLayout {
  return { name, stream, size: 0, fields: Object.entries(fields).map(([field, type]) => ({ name: field, offset: 0, type })) };
}

export const statesLayout = layoutOf("states", 0, {
  sk: { kind: "pointer" },
  pid: u32,
  comm: { kind: "string", size: 16 },
  laddr: { kind: "ip" },
  lport: u16,
  raddr: { kind: "ip" },
  rport: u16,
  from: state,
  to: state,
  us: u64,
});

export const dropsLayout = layoutOf("drops", 1, { pid: u32, reason: { kind: "string", size: 32 }, bytes: u64 });

export interface StatesEvent {
  readonly sk: bigint;
  readonly pid: number;
  readonly comm: string;
  readonly laddr: string;
  readonly lport: number;
  readonly raddr: string;
  readonly rport: number;
  readonly from: string;
  readonly to: string;
  readonly us: bigint;
}

export const connecting: StatesEvent = {
  sk: 0xffff9c0a4e6b8000n,
  pid: 4242,
  comm: "curl",
  laddr: "127.0.0.1",
  lport: 0,
  raddr: "127.0.0.1",
  rport: 8080,
  from: "CLOSE",
  to: "SYN_SENT",
  us: 0n,
};

export const established: StatesEvent = {
  ...connecting,
  comm: "a-long-thread",
  laddr: "2001:db8:1234:5678::1",
  lport: 50_123,
  raddr: "::1",
  from: "SYN_SENT",
  to: "ESTABLISHED",
  us: 1234n,
};

/** Declares tables as a script would and returns the declarations; streams are numbered from 0. */
export function declareTables(...columnsOfStreams: (readonly Column<never>[])[]): readonly TableDeclaration[] {
  const script = beginScript([]);
  for (const columns of columnsOfStreams) {
    const stream = new EventStream<never>();
    script.streams.push(stream);
    table(stream, columns);
  }
  return script.tables;
}

/** The columns of BCC's tcpstates. */
export const bccColumns: readonly Column<StatesEvent>[] = [
  { SKADDR: { value: "sk" } },
  "pid",
  { COMM: { value: "comm", width: 10, cut: true } },
  "laddr",
  "lport",
  "raddr",
  "rport",
  { OLDSTATE: { value: "from" }, NEWSTATE: { value: "to", before: "-> " } },
  { MS: { value: (e) => Number(e.us) / 1000, decimals: 3 } },
];
