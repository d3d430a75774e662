import { errnoName } from "./ffi/errno.js";
import { libc } from "./ffi/libc.js";

/** Where systemd-journald receives records, each one datagram. */
const SOCKET_PATH = "/run/systemd/journal/socket";

/** include/linux/socket.h, include/linux/net.h; alike on x86 and arm64. */
const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;

/** Sends records to systemd's journal and counts those that it did not take. Node itself has no datagram sockets of this kind. */
export class Journal {
  readonly #address: Buffer;
  readonly #path: string;
  #fd = -1;
  #unsent = 0;
  #reason = "";

  constructor(path: string = SOCKET_PATH) {
    this.#path = path;
    // struct sockaddr_un: the family, then the path and its NUL.
    this.#address = Buffer.concat([Buffer.from([AF_UNIX, 0]), Buffer.from(`${path}\0`)]);
  }

  /** Sends one record, without waiting. */
  send(record: Uint8Array): void {
    if (this.#fd < 0) {
      const opened = libc.socket.withErrno(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
      if (opened.value < 0) {
        this.#fail(opened.errno);
        return;
      }
      this.#fd = opened.value;
    }
    const { value, errno } = libc.sendto.withErrno(
      this.#fd,
      record,
      BigInt(record.length),
      MSG_DONTWAIT | MSG_NOSIGNAL,
      this.#address,
      this.#address.length,
    );
    if (value < 0n) this.#fail(errno);
  }

  #fail(errno: number): void {
    this.#unsent++;
    if (this.#reason === "") this.#reason = errnoName(errno);
  }

  /** Closes the socket. @returns what to tell of records that were not sent: how many, and why the first was not */
  close(): string | undefined {
    if (this.#fd >= 0) libc.close(this.#fd);
    this.#fd = -1;
    if (this.#unsent === 0) return undefined;
    const records = this.#unsent === 1 ? "1 record" : `${this.#unsent} records`;
    return `${records} could not be sent to the journal (${this.#path}: ${this.#reason})`;
  }
}
