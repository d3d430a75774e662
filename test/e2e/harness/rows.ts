import type { TcpState } from "../workload/transition.js";

/** One printed state change, whichever tracer printed it. */
export interface Row {
  /** The socket's kernel address in hexadecimal. */
  readonly sk: string;
  /** Of tsprobe the socket's owner, 0 and "" when it is not known; of other tracers whoever ran. */
  readonly pid: number;
  readonly comm: string;
  /** Of tsprobe in JSON: who ran, unless that was an interrupt. */
  readonly cpid?: number;
  readonly ccomm?: string;
  readonly laddr: string;
  readonly lport: number;
  readonly raddr: string;
  readonly rport: number;
  readonly from: TcpState;
  readonly to: TcpState;
  /** Milliseconds since the socket's last change; undefined where the tracer does not say. */
  readonly ms: number | undefined;
}

/** Rows that concern one of these ports. */
export function ofPorts(rows: readonly Row[], ports: readonly number[]): Row[] {
  const own = new Set(ports);
  return rows.filter((row) => own.has(row.lport) || own.has(row.rport));
}

/** The rows of each socket's life, in order. A kernel address is used again: a life ends with CLOSE. */
export function splitIntoLives(rows: readonly Row[]): Row[][] {
  const lives: Row[][] = [];
  const current = new Map<string, Row[]>();
  for (const row of rows) {
    let life = current.get(row.sk);
    if (!life) {
      life = [];
      current.set(row.sk, life);
      lives.push(life);
    }
    life.push(row);
    if (row.to === "CLOSE") current.delete(row.sk);
  }
  return lives;
}
