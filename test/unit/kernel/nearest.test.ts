import { describe, expect, it } from "vitest";
import { nearestNames } from "../../../kernel/nearest.js";

const TRACEPOINTS = [
  "sock:inet_sock_set_state",
  "sock:inet_sk_error_report",
  "sock:sock_rcvqueue_full",
  "tcp:tcp_probe",
  "tcp:tcp_retransmit_skb",
  "tcp:tcp_retransmit_synack",
  "tcp:tcp_receive_reset",
  "sched:sched_switch",
  "sched:sched_wakeup",
  "syscalls:sys_enter_openat",
  "syscalls:sys_exit_openat",
  "syscalls:sys_enter_open",
  "syscalls:sys_enter_bpf",
  "irq:irq_handler_entry",
];
const FIELDS = [
  "skaddr",
  "oldstate",
  "newstate",
  "sport",
  "dport",
  "family",
  "protocol",
  "saddr",
  "daddr",
  "saddr_v6",
  "daddr_v6",
];

describe("nearestNames", () => {
  it.each([
    ["inet_sock_set_state", "sock:inet_sock_set_state"],
    ["sock_inet_sock_set_state", "sock:inet_sock_set_state"],
    ["tcp:inet_sock_set_state", "sock:inet_sock_set_state"],
    ["sock:inet_sock_set_sate", "sock:inet_sock_set_state"],
    ["sock:inet_set_state", "sock:inet_sock_set_state"],
    ["Sock:Inet_Sock_Set_State", "sock:inet_sock_set_state"],
    ["sock:inetsocksetstate", "sock:inet_sock_set_state"],
    ["sched:sched_swtich", "sched:sched_switch"],
    ["tcp:retransmit_skb", "tcp:tcp_retransmit_skb"],
    ["syscall:sys_enter_openat", "syscalls:sys_enter_openat"],
    ["irq_handler", "irq:irq_handler_entry"],
  ])("for %s thinks first of %s", (wanted, expected) => {
    expect(nearestNames(wanted, TRACEPOINTS)[0]).toBe(expected);
  });

  it.each([
    ["newState", "newstate"],
    ["saddrv6", "saddr_v6"],
    ["spotr", "sport"],
    ["skaddrr", "skaddr"],
    ["proto", "protocol"],
  ])("for the field %s thinks first of %s", (wanted, expected) => {
    expect(nearestNames(wanted, FIELDS)[0]).toBe(expected);
  });

  it("lists several equally near ones, no more than asked for", () => {
    expect(nearestNames("port", FIELDS)).toEqual(["dport", "sport"]);
    expect(nearestNames("port", FIELDS, 1)).toEqual(["dport"]);
    expect(nearestNames("tcp_retransmit", TRACEPOINTS)).toEqual(["tcp:tcp_retransmit_skb", "tcp:tcp_retransmit_synack"]);
  });

  it("leaves out what is only a little near beside a good match", () => {
    expect(nearestNames("syscalls:sys_enter_opne", TRACEPOINTS)).toEqual(["syscalls:sys_enter_open"]);
  });

  it("says nothing when nothing is near", () => {
    expect(nearestNames("zzzzzz", TRACEPOINTS)).toEqual([]);
    expect(nearestNames("x", FIELDS)).toEqual([]);
    expect(nearestNames("", FIELDS)).toEqual([]);
    expect(nearestNames("sport", [])).toEqual([]);
  });

  it("names an exact match once", () => {
    expect(nearestNames("sport", FIELDS)).toEqual(["sport", "dport"]);
  });
});
