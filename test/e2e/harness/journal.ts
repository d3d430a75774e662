import { existsSync, readFileSync } from "node:fs";
import { withTracefs } from "./process.js";

/**
 * Takes journald's place: one line of JSON for each datagram, its fields by name. Written from the protocol's own page
 * (systemd.io/JOURNAL_NATIVE_PROTOCOL), not with our encoder.
 */
const RECEIVER = `
import json, os, socket, struct, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind("/run/systemd/journal/socket")
out = open(sys.argv[1], "w")
os.mkdir("/run/ready")
while True:
    data = s.recv(1 << 20)
    fields = {}
    while data:
        end = data.index(b"\\n")
        line, data = data[:end], data[end + 1:]
        if b"=" in line:
            name, value = line.split(b"=", 1)
        else:
            name, (length,) = line, struct.unpack("<Q", data[:8])
            value, data = data[8:8 + length], data[8 + length:]
            assert data[:1] == b"\\n"
            data = data[1:]
        fields[name.decode()] = value.decode()
    out.write(json.dumps(fields) + "\\n")
    out.flush()
`;

/** Runs a command where /run is its own, with a journal that writes its records to `file`. The pid stays the command's. */
export function withJournal(argv: readonly string[], file: string): string[] {
  const script = `mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/journal && { python3 -c "$RECEIVER" "$0" & } &&
while [ ! -d /run/ready ]; do sleep 0.05; done; receiver=$!; "$@"; code=$?; sleep 0.2; kill $receiver; exit $code`;
  const inside = [
    "env",
    `RECEIVER=${RECEIVER}`,
    "unshare",
    "--mount",
    "--propagation",
    "private",
    "sh",
    "-c",
    script,
    file,
    ...argv,
  ];
  return withTracefs(inside);
}

/** The records so far. */
export function readJournal(file: string): Record<string, string>[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8")
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, string>);
}

/** The same command where nobody listens. */
export function withoutJournal(argv: readonly string[]): string[] {
  const script = 'mount -t tmpfs tmpfs /run && exec "$@"';
  return withTracefs(["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh", ...argv]);
}
