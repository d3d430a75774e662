import { existsSync } from "node:fs";
import { type Abilities, type Ability, ASSUMED_ABILITIES, type TracingWay } from "../../kernel/abilities.js";
import type { Btf } from "../../kernel/btf.js";
import { missingForTracing } from "../../kernel/capabilities.js";
import { errnoName } from "../ffi/errno.js";
import { ATTACH_FENTRY, PROGRAM_TYPES, tryProgram } from "./bpf-calls.js";
import { tryMultiLink, tryTracing } from "./tracing-calls.js";

/** A function that every kernel has: what reads of files go through. */
const ANY_FUNCTION = "vfs_read";
const KPROBE_DEVICE = "/sys/bus/event_source/devices/kprobe/type";
/** BPF_TRACE_FEXIT of enum bpf_attach_type. */
const ATTACH = { fentry: ATTACH_FENTRY, fexit: 25 } as const;

/**
 * Finds out by trying what the running kernel lets this process do: programs that return at once are loaded and dropped. Only to a
 * function with many arguments one is attached, for a moment. Without the capabilities that loading needs, trying says nothing about the kernel: everything is taken to work
 * then, and loading tells what is missing.
 */
export function tryAbilities(btf: () => Btf): Abilities {
  if (process.platform !== "linux" || missingForTracing().length > 0) return ASSUMED_ABILITIES;
  const once = (ask: () => Ability) => {
    let answer: Ability | undefined;
    return () => {
      answer ??= ask();
      return answer;
    };
  };
  const traced = new Map<string, Ability>();
  return {
    tracing: once(() => {
      const id = btf().function(ANY_FUNCTION);
      if (id === undefined) return { ok: false, reason: `its type information has no function ${ANY_FUNCTION}` };
      const { errno } = tryTracing(ATTACH_FENTRY, id);
      return errno === 0 ? { ok: true } : { ok: false, reason: `programs of type TRACING are refused (${errnoName(errno)})` };
    }),
    traces: (way, id, words) => {
      const key = `${way} ${id}`;
      const known = traced.get(key) ?? judgeFunction(way, id, words);
      traced.set(key, known);
      return known;
    },
    kprobes: once(() => {
      if (!existsSync(KPROBE_DEVICE)) return { ok: false, reason: "this kernel has no kprobes" };
      const loaded = tryProgram(PROGRAM_TYPES.kprobe);
      return loaded.ok ? loaded : { ok: false, reason: `programs of type KPROBE are refused (${loaded.reason})` };
    }),
    kprobeMulti: once(() => {
      const refusal = tryMultiLink();
      return refusal === undefined ? { ok: true } : { ok: false, reason: refusal };
    }),
  };
}

/** Words that the trampolines of every kernel and machine pass on; whether more is only told when attaching (x86-64: Linux 6.7). */
const WORDS_EVERYWHERE = 6;

function judgeFunction(way: TracingWay, id: number, words: number): Ability {
  const many = words > WORDS_EVERYWHERE;
  const { errno, attached, log } = tryTracing(ATTACH[way], id, many);
  if (errno === 0) return { ok: true };
  if (attached === false)
    return { ok: false, reason: `its arguments are more than this kernel's trampolines pass on (${errnoName(errno)})` };
  const said = log.split("\n").find((line) => line !== "" && !/^(?:processed|verification time)/.test(line));
  return { ok: false, reason: said ?? errnoName(errno) };
}
