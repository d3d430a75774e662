import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as tsprobe from "../../dsl/index.js";
import * as kernel from "../../dsl/kernel/index.js";

const page = readFileSync(new URL("../../docs/language.md", import.meta.url), "utf8");
const section = page.slice(page.indexOf("## Coming from bpftrace"));
const rows = [...section.matchAll(/^\| (.*) \| (.*) \|$/gm)].map(([, theirs, ours]) => ({
  theirs: theirs as string,
  ours: ours as string,
}));

/** Probe types, builtins and functions of bpftrace 0.26 (docs/language.md, docs/stdlib.md there). */
const THEIRS =
  `begin end self tracepoint rawtracepoint kprobe kretprobe fentry fexit uprobe uretprobe usdt software hardware profile interval iter watchpoint test bench
pid tid ppid cpid comm pcomm leader_comm leader_tid uid gid username curtask cgroup cgroup_path cgroupid cpu ncpus numaid usermode
nsecs elapsed jiffies strftime time args argN retval func probe probetype reg ctx
str strlen strncmp strstr strcontains strcap str_concat buf memcmp bswap kptr uptr write_user path
ntop pton macaddr socket_cookie skboutput kstack ustack dw_ustack ksym usym kaddr uaddr percpu_kaddr
sizeof offsetof typeof typeinfo container_of is_array is_ptr is_str is_integer is_unsigned is_literal kfunc_exist kfunc_allowed
strerror signal_name syscall_name print printf cat join errorf warnf debugf delete clear zero len has_key find
exit fail static_assert assert getopt config unwatch system signal signal_thread override
count sum avg min max stats hist lhist tseries unroll while for break continue return let`.split(/\s+/);

test("every probe type, builtin and function of bpftrace has a row", () => {
  const named = new Set(rows.flatMap(({ theirs }) => [...theirs.matchAll(/`@?([a-zA-Z_]+)/g)].map((match) => match[1])));
  expect(THEIRS.filter((name) => !named.has(name))).toEqual([]);
});

/** What is the language's, Node's or a member's, not an export of ours. */
const OTHERS = new Set(
  "process probe if os curtask task new Date Number BigInt text for ret arg0 ip execFile readFileSync return console while switch fn agg map size read readAndReset startsWith includes file".split(
    " ",
  ),
);

test("every function that a row names is there", () => {
  const ours = { ...tsprobe, ...kernel } as Record<string, unknown>;
  const net = readFileSync(new URL("../../dsl/net/index.ts", import.meta.url), "utf8");
  const called = rows.flatMap(({ ours: text }) => [...text.matchAll(/`([a-zA-Z]+)\(/g)].map((match) => match[1] as string));
  expect(called.length).toBeGreaterThan(40);
  expect(called.filter((name) => !(name in ours) && !OTHERS.has(name) && !net.includes(name))).toEqual([]);
});
