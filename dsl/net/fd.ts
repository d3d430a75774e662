import { addressOf, curtask, fn, kptr, kread } from "tsprobe";

/** S_IFMT, S_IFSOCK (include/uapi/linux/stat.h). */
const TYPE_BITS = 0o170000;
const SOCKET = 0o140000;

/**
 * The socket behind a file descriptor of the current process, as the address of its `struct sock`; 0n when the descriptor is none, or
 * not one of a socket (fdtable.fd, include/linux/fdtable.h; sock_from_file, net/socket.c). For handlers of system calls.
 * @example const sk = fdSock(ctx.fd); if (sk === 0n) return; const { lport } = sockAddrs(kptr("sock", sk));
 */
export const fdSock = fn((fd: number): bigint => {
  const { files } = curtask();
  if (files === null) return 0n;
  const { fdt } = files;
  if (fdt === null || fd < 0 || fd >= fdt.max_fds) return 0n;
  const address = kread("u64", fdt.fd + BigInt(fd) * 8n);
  if (address === 0n) return 0n;
  const file = kptr("file", address);
  const inode = file.f_inode;
  if (inode === null || (inode.i_mode & TYPE_BITS) !== SOCKET) return 0n;
  const { sk } = kptr("socket", file.private_data);
  return sk === null ? 0n : addressOf(sk);
});
