import { constants } from "node:os";

const names = new Map<number, string>();
// Where two names share a value (EAGAIN, EWOULDBLOCK) the first is the usual one.
for (const [name, value] of Object.entries(constants.errno)) if (!names.has(value)) names.set(value, name);
// Not for user space by its definition (include/linux/errno.h), but bpf(2) returns it.
names.set(524, "ENOTSUPP");

/** The symbolic name of an errno value, of either sign: 1 and -1 both give "EPERM". */
export function errnoName(errno: number): string {
  return names.get(Math.abs(errno)) ?? `errno ${Math.abs(errno)}`;
}

/** errno values the runtime decides on. */
export const {
  E2BIG,
  EACCES,
  EAGAIN,
  EBUSY,
  EFAULT,
  EINTR,
  EINVAL,
  EMFILE,
  ENODEV,
  ENOENT,
  ENOMEM,
  ENOSPC,
  EOPNOTSUPP,
  EPERM,
  ESRCH,
} = constants.errno;
