import type { NativeLibrary } from "../ffi/library.js";

/**
 * The libbpf functions the runtime calls (bpf/libbpf.h, bpf/bpf.h, bpf/btf.h of 1.0 and later).
 * Functions returning int return -errno on failure; those returning a pointer return 0 and set errno.
 */
export function bindLibbpf(library: NativeLibrary) {
  return {
    versionString: library.bind("libbpf_version_string", { parameters: [], result: "pointer" }),
    numPossibleCpus: library.bind("libbpf_num_possible_cpus", { parameters: [], result: "i32" }),

    openMem: library.bind("bpf_object__open_mem", { parameters: ["buffer", "u64", "buffer"], result: "pointer" }),
    load: library.bind("bpf_object__load", { parameters: ["pointer"], result: "i32" }),
    close: library.bind("bpf_object__close", { parameters: ["pointer"], result: "void" }),
    btf: library.bind("bpf_object__btf", { parameters: ["pointer"], result: "pointer" }),
    findMap: library.bind("bpf_object__find_map_by_name", { parameters: ["pointer", "string"], result: "pointer" }),
    findProgram: library.bind("bpf_object__find_program_by_name", { parameters: ["pointer", "string"], result: "pointer" }),

    mapFd: library.bind("bpf_map__fd", { parameters: ["pointer"], result: "i32" }),
    mapMaxEntries: library.bind("bpf_map__max_entries", { parameters: ["pointer"], result: "u32" }),
    mapSetMaxEntries: library.bind("bpf_map__set_max_entries", { parameters: ["pointer", "u32"], result: "i32" }),
    mapValueSize: library.bind("bpf_map__value_size", { parameters: ["pointer"], result: "u32" }),
    mapInitialValue: library.bind("bpf_map__initial_value", { parameters: ["pointer", "buffer"], result: "pointer" }),
    mapLookup: library.bind("bpf_map_lookup_elem", { parameters: ["i32", "buffer", "buffer"], result: "i32" }),
    mapUpdate: library.bind("bpf_map_update_elem", { parameters: ["i32", "buffer", "buffer", "u64"], result: "i32" }),
    mapLookupBatch: library.bind("bpf_map_lookup_batch", {
      parameters: ["i32", "pointer", "buffer", "buffer", "buffer", "buffer", "pointer"],
      result: "i32",
    }),
    mapLookupAndDeleteBatch: library.bind("bpf_map_lookup_and_delete_batch", {
      parameters: ["i32", "pointer", "buffer", "buffer", "buffer", "buffer", "pointer"],
      result: "i32",
    }),
    mapDelete: library.bind("bpf_map_delete_elem", { parameters: ["i32", "buffer"], result: "i32" }),
    /** With the null pointer as the key before: the first. */
    mapNextKey: library.bind("bpf_map_get_next_key", { parameters: ["i32", "pointer", "buffer"], result: "i32" }),

    programFd: library.bind("bpf_program__fd", { parameters: ["pointer"], result: "i32" }),
    programSetLogBuffer: library.bind("bpf_program__set_log_buf", { parameters: ["pointer", "pointer", "u64"], result: "i32" }),
    programSetLogLevel: library.bind("bpf_program__set_log_level", { parameters: ["pointer", "u32"], result: "i32" }),
    attachPerfEvent: library.bind("bpf_program__attach_perf_event", { parameters: ["pointer", "i32"], result: "pointer" }),
    attachPerfEventOptions: library.bind("bpf_program__attach_perf_event_opts", {
      parameters: ["pointer", "i32", "buffer"],
      result: "pointer",
    }),
    attachIter: library.bind("bpf_program__attach_iter", { parameters: ["pointer", "pointer"], result: "pointer" }),
    iterCreate: library.bind("bpf_iter_create", { parameters: ["i32"], result: "i32" }),
    attachTrace: library.bind("bpf_program__attach_trace", { parameters: ["pointer"], result: "pointer" }),
    attachRawTracepoint: library.bind("bpf_program__attach_raw_tracepoint", {
      parameters: ["pointer", "string"],
      result: "pointer",
    }),
    attachKprobeMulti: library.bind("bpf_program__attach_kprobe_multi_opts", {
      parameters: ["pointer", "pointer", "buffer"],
      result: "pointer",
    }),
    linkFd: library.bind("bpf_link__fd", { parameters: ["pointer"], result: "i32" }),
    linkDestroy: library.bind("bpf_link__destroy", { parameters: ["pointer"], result: "i32" }),
    objectInfo: library.bind("bpf_obj_get_info_by_fd", { parameters: ["i32", "buffer", "buffer"], result: "i32" }),

    btfFind: library.bind("btf__find_by_name_kind", { parameters: ["pointer", "string", "u32"], result: "i32" }),
    btfType: library.bind("btf__type_by_id", { parameters: ["pointer", "u32"], result: "pointer" }),
    btfName: library.bind("btf__name_by_offset", { parameters: ["pointer", "u32"], result: "pointer" }),
  } as const;
}

export type LibbpfApi = ReturnType<typeof bindLibbpf>;
