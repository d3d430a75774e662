import type { TcpState } from "../workload/transition.js";
import { readCsv } from "./read-csv.js";
import { readJsonLines } from "./read-json.js";
import type { Row } from "./rows.js";

/** What `tsprobe run probes/tcpstates.ts --format json` printed, by kind of record. */
export interface JsonOutput {
  readonly rows: Row[];
  readonly lost: unknown[];
  readonly summaries: Record<string, unknown>[];
}

interface StatesEvent {
  readonly sk: bigint | number;
  readonly pid?: number;
  readonly comm?: string;
  readonly cpid?: number;
  readonly ccomm?: string;
  readonly laddr: string;
  readonly lport: number;
  readonly raddr: string;
  readonly rport: number;
  readonly from: TcpState;
  readonly to: TcpState;
  readonly us: bigint | number;
}

export function readStatesJson(text: string): JsonOutput {
  const output: JsonOutput = { rows: [], lost: [], summaries: [] };
  for (const record of readJsonLines(text) as { type: string; name?: string; data?: StatesEvent }[]) {
    if (record.type === "event" && record.name === "states" && record.data) {
      const { sk, us, ...rest } = record.data;
      output.rows.push({ ...pickRow(rest), sk: BigInt(sk).toString(16), ms: Number(us) / 1000 });
    } else if (record.type === "lost") output.lost.push(record);
    else if (record.type === "summary") output.summaries.push(record as Record<string, unknown>);
    else
      throw new Error(
        `unknown record: ${JSON.stringify(record, (_key, value) => (typeof value === "bigint" ? String(value) : value))}`,
      );
  }
  return output;
}

function pickRow(data: Omit<StatesEvent, "sk" | "us">): Omit<Row, "sk" | "ms"> {
  const { pid = 0, comm = "", cpid, ccomm, laddr, lport, raddr, rport, from, to } = data;
  const current = { ...(cpid === undefined ? {} : { cpid }), ...(ccomm === undefined ? {} : { ccomm }) };
  return { pid, comm, ...current, laddr, lport, raddr, rport, from, to };
}

/** The columns of BCC's tcpstates, by heading. */
const cells = {
  sk: "SKADDR",
  pid: "PID",
  comm: "COMM",
  laddr: "LADDR",
  lport: "LPORT",
  raddr: "RADDR",
  rport: "RPORT",
  from: "OLDSTATE",
  to: "NEWSTATE",
  ms: "MS",
} as const;

export function readStatesCsv(text: string): Row[] {
  const [header, ...lines] = readCsv(text);
  if (!header) return [];
  const column = (heading: string) => {
    const index = header.indexOf(heading);
    if (index === -1) throw new Error(`no column ${heading} in ${header.join(",")}`);
    return index;
  };
  const index = Object.fromEntries(Object.entries(cells).map(([key, heading]) => [key, column(heading)])) as Record<
    keyof typeof cells,
    number
  >;
  return lines.map((line) => {
    if (line.length !== header.length) throw new Error(`${line.length} cells under ${header.length} headings: ${line.join(",")}`);
    const cell = (key: keyof typeof cells) => line[index[key]] ?? "";
    return {
      sk: readAddress(cell("sk")),
      pid: Number(cell("pid")),
      comm: cell("comm"),
      laddr: cell("laddr"),
      lport: Number(cell("lport")),
      raddr: cell("raddr"),
      rport: Number(cell("rport")),
      from: cell("from") as TcpState,
      to: cell("to") as TcpState,
      ms: Number(cell("ms")),
    };
  });
}

/** "ffff888…" or "0xffff888…" as hexadecimal without leading zeros. */
function readAddress(text: string): string {
  return BigInt(text.startsWith("0x") ? text : `0x${text}`).toString(16);
}

/**
 * The aligned table of BCC's, libbpf-tools' and our tcpstates. The command name may hold blanks, and a column of time may
 * come first; the arrow between the states and the number of columns on either side of it are certain. libbpf-tools has
 * one column more in its wide form, the IP version.
 */
export function readStatesTable(text: string): Row[] {
  return text
    .split("\n")
    .filter((line) => line.includes(" -> ") && !line.includes("OLDSTATE"))
    .map((line) => {
      const match =
        /^(?<time>[\d:.]+\s+)??(?:0x)?(?<sk>[0-9a-f]{8,16})\s+(?<pid>\d+|-)\s+(?<comm>.*?)\s+(?:[46]\s+)?(?<laddr>[0-9a-f.:]+)\s+(?<lport>\d+)\s+(?<raddr>[0-9a-f.:]+)\s+(?<rport>\d+)\s+(?<from>[A-Z_0-9]+)\s+-> (?<to>[A-Z_0-9]+)\s+(?<ms>[\d.]+)(?:\s+(?<cpid>\d+|-)\s+(?<ccomm>\S.*?))?\s*$/.exec(
          line,
        );
      const groups = match?.groups as Record<string, string> | undefined;
      if (!groups) throw new Error(`not a row of the table: ${line}`);
      return {
        sk: readAddress(groups.sk ?? ""),
        pid: groups.pid === "-" ? 0 : Number(groups.pid),
        comm: groups.comm === "-" ? "" : (groups.comm ?? ""),
        laddr: groups.laddr ?? "",
        lport: Number(groups.lport),
        raddr: groups.raddr ?? "",
        rport: Number(groups.rport),
        from: groups.from as TcpState,
        to: groups.to as TcpState,
        ms: Number(groups.ms),
      };
    });
}
