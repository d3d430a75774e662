import { type Block, languageExamples } from "./pages.js";

export interface LanguageScript {
  /** Words that only this script of the page has. */
  readonly has: string;
  /** What its run shows at least, beside test/fixtures/some-of-everything.mjs. */
  readonly shows: RegExp;
  /** Whether it needs a kernel that hooks its functions, or has iterators. */
  readonly elsewhere?: true;
}

/** All whole scripts of docs/language.md. */
const LANGUAGE_SCRIPTS: readonly LanguageScript[] = [
  { has: "export const opened", shows: /^opened .*\/root\/\.none +true +11$/m },
  { has: "syscallName", shows: /^openat: ENOENT$/m },
  { has: "= stash(", shows: /^230 +1[5-9]\d{7}$/m },
  { has: "= quantiles(", shows: /^latency[\s\S]*@@[\s\S]*^total \(ns\): \d{6,}$/m },
  { has: "print(calls", shows: /^\d{3,} \d+ \d+ \d+n$/m },
  { has: "localPortRange", shows: /^\d+ \d+ \d+\n(?:[\s\S]*\n)?\d+ 7$/m },
  { has: "userSockaddr", shows: /^\d+ +127\.0\.0\.1 +\d+$/m },
  { has: "= fentry(", shows: /^calls .*tcp_v4_connect/m, elsewhere: true },
  { has: "uretprobe", shows: /^\{ pid: \d+, node: \d+n \}$/m },
  { has: "perfEvent", shows: /^\S+ \d+n$/m },
  { has: "firstOf", shows: /^starts +\d+ +(?:sh|cat|id|sleep)$[\s\S]*^some +sys_exit_getuid|^some .*getuid/m },
  { has: "= iter(", shows: /^\d+ sockets to begin with$[\s\S]*^\d+ .*7$/m, elsewhere: true },
  { has: "onStart(() => console.error", shows: /^\d{2,}$/m },
  { has: "= rows<", shows: /^SOCKETS +SHORT\n\d+ +0$/m },
  { has: "folded()", shows: /^\d+\n(?:.*\n)*?.*schedule/m },
];

/** The page's scripts with what they show; each must be known here, and each entry be found once. */
export function languageScripts(): (LanguageScript & Block)[] {
  const found = languageExamples().scripts.map((block) => {
    const known = LANGUAGE_SCRIPTS.filter(({ has }) => block.text.includes(has));
    if (known.length !== 1) throw new Error(`the script in line ${block.line} of docs/language.md is not known by its words`);
    return { ...block, ...(known[0] as LanguageScript) };
  });
  if (new Set(found.map(({ has }) => has)).size !== LANGUAGE_SCRIPTS.length)
    throw new Error("a script of docs/language.md is gone");
  return found;
}
