import { expect, test } from "vitest";
import { readCsv } from "../e2e/harness/read-csv.js";
import { readExactJson, readJsonLines } from "../e2e/harness/read-json.js";
import { readStatesCsv, readStatesJson, readStatesTable } from "../e2e/harness/read-states.js";
import { readBpftrace } from "../e2e/harness/tracer-bpftrace.js";
import { between } from "../e2e/workload/transition.js";

test("JSON integers keep every digit, and nothing else changes", () => {
  expect(
    readExactJson('{"sk":18446612686419584448,"n":-5,"f":1.5,"e":1e20,"t":"id: 18446612686419584448, \\"9007199254740993\\""}'),
  ).toEqual({
    sk: 18446612686419584448n,
    n: -5,
    f: 1.5,
    e: 1e20,
    t: 'id: 18446612686419584448, "9007199254740993"',
  });
  expect(readExactJson("[9007199254740991,9007199254740992]")).toEqual([9007199254740991, 9007199254740992n]);
});

test("a JSON line that was cut is an error", () => {
  expect(() => readJsonLines('{"a":1}\n{"a":2}')).toThrow("not ended");
  expect(() => readJsonLines('{"a":1}\n{"a":\n')).toThrow();
});

test("CSV cells may hold commas, quotes and line ends", () => {
  expect(readCsv('a,"b,""c""\nd",\r\ne,,f\n')).toEqual([
    ["a", 'b,"c"\nd', ""],
    ["e", "", "f"],
  ]);
});

const row = {
  sk: "ffff888103409bc0",
  pid: 12,
  comm: "my tool",
  laddr: "::1",
  lport: 0,
  raddr: "::1",
  rport: 80,
  from: "CLOSE",
  to: "SYN_SENT",
  ms: 0.25,
};

test("the three formats of tcpstates say the same", () => {
  const data = `"sk":${BigInt(`0x${row.sk}`)},"pid":12,"comm":"my tool","laddr":"::1","lport":0,"raddr":"::1","rport":80`;
  const json = `{"type":"event","name":"states","data":{${data},"from":"CLOSE","to":"SYN_SENT","us":250}}\n`;
  expect(readStatesJson(json).rows).toEqual([row]);
  const headings = "SKADDR,PID,COMM,LADDR,LPORT,RADDR,RPORT,OLDSTATE,NEWSTATE,MS";
  expect(readStatesCsv(`${headings}\nffff888103409bc0,12,my tool,::1,0,::1,80,CLOSE,SYN_SENT,0.250\n`)).toEqual([row]);
  const line = "ffff888103409bc0 12    my tool    ::1  0 ::1 80 CLOSE       -> SYN_SENT    0.250";
  expect(readStatesTable(`SKADDR … OLDSTATE    -> NEWSTATE    MS\n${line}\n12:34:56 ${line}\n`)).toEqual([row, row]);
  // libbpf-tools --wide
  expect(
    readStatesTable("ffff888103409bc0 12      my tool          6  ::1    0     ::1    80    CLOSE       -> SYN_SENT    0.250\n"),
  ).toEqual([row]);
});

test("a line that looks like a row but is none is an error", () => {
  expect(() => readStatesTable("ffff888103409bc0 12 node 127.0.0.1 CLOSE -> SYN_SENT 0.1\n")).toThrow("not a row");
});

test("rows of bpftrace, cut lines left out", () => {
  const line = "ffff888103409bc0 12 0 80 7 2 250 ::1 ::1 my tool";
  expect(readBpftrace(`Attaching 3 probes...\nready\n${line}\nffff888103409bc0 12 0 8`)).toEqual([row]);
});

test("bounds of a duration from two moments", () => {
  expect(between({ began: 10, ended: 12 }, { began: 100, ended: 103 })).toEqual({ min: 88, max: 93 });
  expect(between({ began: 10, ended: 20 }, { began: 15, ended: 25 })).toEqual({ min: 0, max: 15 });
});
