/**
 * Whether a hard interrupt, a softirq that is being served, or an NMI has interrupted the current task (include/linux/preempt.h:
 * SOFTIRQ_OFFSET, HARDIRQ_MASK, NMI_MASK). The rest of softirq's byte counts local_bh_disable, which interrupts nobody.
 *
 * x86 counts in a variable of each CPU: `__preempt_count`, in Linux 6.2 to 6.14 a member of `pcpu_hot`. Its address is that of the
 * CPU's run queue, to which the task leads, and a distance that the host knows from the kernel's BTF (runtime/preempt-count.ts).
 * Others count in thread_info. With PREEMPT_RT softirqs are counted by task. libbpf finds what the running kernel has and the
 * verifier drops the rest. "___tsp": struct names of ours, which libbpf compares without that end.
 */
export const IN_INTERRUPT = `const volatile __s64 tsp_preempt_distance;
struct pcpu_hot___tsp { int preempt_count; } __attribute__((preserve_access_index));
struct cfs_rq___tsp { void *rq; } __attribute__((preserve_access_index));
struct sched_entity___tsp { struct cfs_rq___tsp *cfs_rq; } __attribute__((preserve_access_index));
struct thread_info___tsp { __u32 preempt_count; } __attribute__((preserve_access_index));
struct task_struct___tsp {
  struct thread_info___tsp thread_info;
  struct sched_entity___tsp se;
  int softirq_disable_cnt;
} __attribute__((preserve_access_index));
INLINE _Bool tsp_in_interrupt(void) {
  struct task_struct___tsp *task = (void *)bpf_get_current_task();
  const char *count_at = 0;
  __u32 count = 0, softirqs = 0;
  if (tsp_exists(task->thread_info.preempt_count)) count_at = (const char *)&task->thread_info.preempt_count;
  else if (tsp_preempt_distance != 0 && tsp_exists(task->se.cfs_rq) && tsp_exists(task->se.cfs_rq->rq)) {
    struct cfs_rq___tsp *queue = 0;
    void *rq = 0;
    if (bpf_probe_read_kernel(&queue, sizeof(queue), &task->se.cfs_rq)) return 1;
    if (bpf_probe_read_kernel(&rq, sizeof(rq), &queue->rq)) return 1;
    count_at = (const char *)rq + tsp_preempt_distance;
    struct pcpu_hot___tsp *hot = 0;
    if (tsp_exists(hot->preempt_count)) count_at += __builtin_preserve_field_info(hot->preempt_count, 0);
  }
  if (!count_at || bpf_probe_read_kernel(&count, sizeof(count), count_at)) return 1;
  if (tsp_exists(task->softirq_disable_cnt)) bpf_probe_read_kernel(&softirqs, sizeof(softirqs), &task->softirq_disable_cnt);
  return ((count & 0xff0100) | (softirqs & 0x100)) != 0;
}`;
