import { editDistance } from "./edit-distance.js";

/** The segments of a name are all in the candidate: as good as a mistake or two. */
const SEGMENTS_SCORE = 1.5;
const UNDERSCORES_SCORE = 0.5;
const WRONG_CATEGORY = 0.5;
const NEAR_CATEGORY = 0.25;
const NO_CATEGORY = 0.1;
/** Most typing mistakes that are still thought of as such. */
const MOST_EDITS = 4;
/** What is this much further than the best is noise beside it. */
const SPREAD = 1;

/**
 * The names that were probably meant, best first; none when nothing is near.
 * Knows that names are made of segments ("sock:inet_sock_set_state"): a missing or wrong category, left-out
 * underscores, a part of the name and ordinary typing mistakes are all found.
 */
export function nearestNames(wanted: string, candidates: readonly string[], max = 3): string[] {
  const query = splitName(wanted.trim());
  if (query.event === "") return [];
  // The cheap comparisons go first over all: what they find leaves little to the expensive one.
  const ranking = new Ranking(Math.min(MOST_EDITS, Math.max(1, Math.floor(query.event.length / 3))) + 0.6);
  const others: SplitName[] = [];
  for (const name of candidates) {
    const candidate = splitName(name);
    const score = scoreByParts(query, candidate);
    if (score !== undefined) ranking.add(name, score + categoryPenalty(query, candidate));
    if (score === undefined || score >= SEGMENTS_SCORE - 0.5) others.push(candidate);
  }
  const letters = letterSet(query.event);
  for (const candidate of others) {
    const edits = Math.floor(ranking.limit);
    // A letter set that differs in n letters needs at least n/2 edits.
    if (
      Math.abs(candidate.event.length - query.event.length) > edits ||
      bitCount(letterSet(candidate.event) ^ letters) > edits * 2
    )
      continue;
    const distance = editDistance(query.event, candidate.event, edits);
    if (distance <= edits) ranking.add(candidate.name, distance + categoryPenalty(query, candidate));
  }
  return ranking.best(max);
}

/** A name in lower case, with its parts. */
interface SplitName {
  readonly name: string;
  readonly category: string | undefined;
  /** The part after ":", or all of it. */
  readonly event: string;
}

function splitName(name: string): SplitName {
  const lower = name.toLowerCase();
  const colon = lower.lastIndexOf(":");
  return colon === -1
    ? { name, category: undefined, event: lower }
    : { name, category: lower.slice(0, colon), event: lower.slice(colon + 1) };
}

/** Keeps what is not much further than the best so far. */
class Ranking {
  readonly #scores = new Map<string, number>();
  /** Worst score that is still worth adding. */
  limit: number;

  constructor(limit: number) {
    this.limit = limit;
  }

  add(name: string, score: number): void {
    if (score > this.limit) return;
    this.#scores.set(name, Math.min(score, this.#scores.get(name) ?? score));
    this.limit = Math.min(this.limit, score + SPREAD);
  }

  best(max: number): string[] {
    return [...this.#scores]
      .filter(([, score]) => score <= this.limit)
      .sort(([a, aScore], [b, bScore]) => aScore - bScore || a.length - b.length || (a < b ? -1 : 1))
      .slice(0, max)
      .map(([name]) => name);
  }
}

/** 0 for the same event; undefined when neither spelling without underscores nor segments speak for it. */
function scoreByParts(query: SplitName, candidate: SplitName): number | undefined {
  const { event } = candidate;
  if (event === query.event) return 0;
  if (equalWithoutUnderscores(event, query.event)) return UNDERSCORES_SCORE;
  if (
    query.category === undefined &&
    candidate.category !== undefined &&
    equalWithoutUnderscores(candidate.category + event, query.event)
  ) {
    return UNDERSCORES_SCORE;
  }
  if (query.event.length < 3 || !containsSegments(event, query.event)) return undefined;
  // Among names that contain what was written, the shorter ones are nearer.
  return SEGMENTS_SCORE + Math.min(0.9, (event.length - query.event.length) / 100) - (event.startsWith(query.event) ? 0.3 : 0);
}

function categoryPenalty(query: SplitName, candidate: SplitName): number {
  if (query.category === candidate.category) return 0;
  if (query.category === undefined || candidate.category === undefined) return NO_CATEGORY;
  return editDistance(query.category, candidate.category, 2) <= 2 ? NEAR_CATEGORY : WRONG_CATEGORY;
}

/** Each segment of the wanted name is a segment of the candidate or the beginning of one. */
function containsSegments(event: string, wanted: string): boolean {
  for (let start = 0; start < wanted.length; ) {
    const underscore = wanted.indexOf("_", start);
    const end = underscore === -1 ? wanted.length : underscore;
    const segment = wanted.slice(start, end);
    if (segment !== "" && !event.startsWith(segment) && !event.includes(`_${segment}`)) return false;
    start = end + 1;
  }
  return true;
}

function equalWithoutUnderscores(a: string, b: string): boolean {
  let [atA, atB] = [0, 0];
  for (;;) {
    while (a[atA] === "_") atA++;
    while (b[atB] === "_") atB++;
    if (atA === a.length || atB === b.length) return atA === a.length && atB === b.length;
    if (a[atA++] !== b[atB++]) return false;
  }
}

/** One bit per letter or digit (some share one). */
function letterSet(text: string): number {
  let set = 0;
  for (let at = 0; at < text.length; at++) set |= 1 << (text.charCodeAt(at) & 31);
  return set;
}

function bitCount(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}
