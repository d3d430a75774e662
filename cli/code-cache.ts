import { ContentCache } from "../compiler/cache/content-cache.js";
import { cacheDirectory } from "../compiler/cache/directory.js";

/** SHA-256 of code.cjs; the build puts it in. */
declare const TSPROBE_CODE: string;

/** Those that do enough for it to pay. Each uses other parts of the code. */
const COMMANDS = ["run", "check", "show"];

/** More code than before by less than this is not worth writing it again. */
const WORTH = 1.02;

/** What V8 has compiled of tsprobe's own code. */
export interface CodeCache {
  read(): Uint8Array | undefined;
  /** @param before how many bytes are kept @returns how many then are */
  keep(data: Uint8Array, before: number): number;
}

/** @returns undefined for what is not worth a cache */
export function openCodeCache(command: string | undefined): CodeCache | undefined {
  if (command === undefined || !COMMANDS.includes(command)) return undefined;
  const directory = cacheDirectory().path;
  // An entry is about a megabyte; one for each command, version of Node and version of tsprobe is in use.
  const cache = new ContentCache({ directory, kind: "code", maxEntries: 12, maxBytes: 32 * 1024 * 1024 });
  const key = ["code", TSPROBE_CODE, command, process.version, process.arch].join("\n");
  return {
    read: () => cache.read(key),
    keep: (data, before) => {
      // Less is worse: in a long run V8 forgets what has not been used for a while.
      if (data.length <= before * WORTH) return before;
      cache.write(key, data);
      return data.length;
    },
  };
}
