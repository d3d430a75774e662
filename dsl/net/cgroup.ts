import { addressOf, exists, fn, type KernelStruct, kptr } from "tsprobe";

/**
 * Whether a socket belongs to a cgroup (version 2) or to one below it: the cgroup of the task that made it, a listener's for the
 * sockets that it accepts (sk_cgrp_data, include/linux/cgroup-defs.h; cgroup_is_descendant). At most 32 levels. Kernels before
 * Linux 5.15 keep it in another way: false there.
 * @param id as `opt.cgroup` and `cgroupId()` have it
 */
export const sockInCgroup = fn((sk: KernelStruct<"sock">, id: bigint): boolean => {
  if (!exists(sk, "sk_cgrp_data") || !exists(sk.sk_cgrp_data, "cgroup")) return false;
  const own = sk.sk_cgrp_data.cgroup;
  let address = own === null ? 0n : addressOf(own);
  for (let level = 0; level < 32 && address !== 0n; level++) {
    const cgroup = kptr("cgroup", address);
    if (cgroup.kn?.id === id) return true;
    const { parent } = cgroup.self;
    if (parent === null) return false;
    const above = parent.cgroup;
    address = above === null ? 0n : addressOf(above);
  }
  return false;
});
