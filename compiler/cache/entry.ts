import { createHash } from "node:crypto";

/** Bump when the bytes around the payload change; the payload's own format belongs into the key. */
const ENTRY_FORMAT = 1;

const MAGIC = Buffer.from("tsprobe\0", "latin1");
const DIGEST_BYTES = 32;
const HEADER_BYTES = MAGIC.length + 4 + DIGEST_BYTES + 4;

function sha256(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** What a key is stored under: its SHA-256. */
export function entryDigest(key: string): Buffer {
  return sha256(Buffer.from(key, "utf8"));
}

/**
 * One cache file: magic, format, digest of the key, length, payload, SHA-256 of all before it. The checksum is against damage
 * (full disks, torn writes, bit flips), not against forgery: who may write into the directory is checked in directory.ts.
 */
export function encodeEntry(digest: Buffer, payload: Uint8Array): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  MAGIC.copy(header, 0);
  header.writeUInt32LE(ENTRY_FORMAT, MAGIC.length);
  digest.copy(header, MAGIC.length + 4);
  header.writeUInt32LE(payload.length, HEADER_BYTES - 4);
  return Buffer.concat([header, payload, sha256(header, payload)]);
}

export type DecodedEntry = { readonly payload: Uint8Array } | { readonly problem: string };

/** The payload of a cache file, or in words what is wrong with the file. */
export function decodeEntry(digest: Buffer, bytes: Buffer): DecodedEntry {
  if (bytes.length < MAGIC.length || !bytes.subarray(0, MAGIC.length).equals(MAGIC))
    return { problem: "is not a tsprobe cache entry" };
  if (bytes.length < HEADER_BYTES + DIGEST_BYTES) return { problem: "is truncated" };
  if (bytes.readUInt32LE(MAGIC.length) !== ENTRY_FORMAT) return { problem: "has another format" };
  if (!bytes.subarray(MAGIC.length + 4, HEADER_BYTES - 4).equals(digest)) return { problem: "belongs to another key" };
  const end = HEADER_BYTES + bytes.readUInt32LE(HEADER_BYTES - 4);
  if (bytes.length < end + DIGEST_BYTES) return { problem: "is truncated" };
  if (bytes.length > end + DIGEST_BYTES) return { problem: "is longer than it should be" };
  if (!sha256(bytes.subarray(0, end)).equals(bytes.subarray(end))) return { problem: "is damaged (its checksum differs)" };
  return { payload: bytes.subarray(HEADER_BYTES, end) };
}
