import type { UsdtArgumentType, UsdtTarget } from "../dsl/targets.js";
import { nearestNames } from "../kernel/nearest.js";
import type { Machine } from "../kernel/user/machine.js";
import { parseUsdtArguments, type UsdtArgument } from "../kernel/user/usdt-argument.js";
import { readUsdtNotes, type UsdtNote } from "../kernel/user/usdt-notes.js";
import type { ContextField, HookRefusal, LocatedPlace, ResolvedHook } from "./hook.js";
import { locatedField, userContext, userValueType } from "./user-context.js";
import { refuse, type UserFile, withUserFile } from "./user-file.js";

/** One way its arguments are placed, at one or more places of the probe, which know it by the cookie. */
interface Variant {
  readonly cookie: bigint;
  readonly arguments: readonly UsdtArgument[];
}

interface Place {
  readonly offset: bigint;
  readonly cookie: bigint;
  readonly semaphore: bigint;
}

/** A probe that a program has of itself: `usdt`. @param machine of the system; another's in tests */
export function resolveUsdt(target: UsdtTarget, machine?: Machine): ResolvedHook {
  return withUserFile(target, (file) => resolveIn(file, target), machine);
}

function resolveIn(file: UserFile, target: UsdtTarget): ResolvedHook {
  const chosen = chooseNotes(file, target);
  if ("refusal" in chosen) return chosen;
  const { notes, provider } = chosen;
  const variants = new Map<string, Variant>();
  const places = new Map<bigint, Place>();
  for (const note of notes) {
    const offset = file.elf.fileOffset(note.address);
    const semaphore = note.semaphore === undefined ? 0 : file.elf.fileOffset(note.semaphore);
    if (offset === undefined || semaphore === undefined)
      return refuse("TSP3046", `${file.title} says that a place of ${provider}:${target.name} is where it has no bytes`, [
        "the file was changed after it was linked: take the original",
      ]);
    const found = parseUsdtArguments(note.arguments, file.machine, {
      place: note.address,
      symbol: (name) => file.elf.symbol(name)?.address,
    });
    const key = JSON.stringify(found, (_key, value) => (typeof value === "bigint" ? `${value}n` : value));
    const variant = variants.get(key) ?? { cookie: BigInt(variants.size), arguments: found };
    variants.set(key, variant);
    places.set(BigInt(offset), { offset: BigInt(offset), cookie: variant.cookie, semaphore: BigInt(semaphore) });
  }
  const fields = fieldsOf(target, provider, [...variants.values()]);
  if ("refusal" in fields) return fields;
  const name = `${provider}:${target.name}`;
  return {
    hook: Object.freeze({
      section: "uprobe",
      context: userContext("usdt", `${provider}_${target.name}`, `the probe ${name}`, fields.fields),
      attach: Object.freeze({
        kind: "uprobe" as const,
        path: file.path,
        returns: false,
        pid: target.pid,
        places: Object.freeze([...places.values()].map((place) => Object.freeze(place))),
      }),
      title: `usdt:${file.title}:${name}`,
    }),
  };
}

type Refused = { readonly refusal: HookRefusal };

/** The places of the probe; without a provider, that of the only one that has a probe of the name. */
function chooseNotes(
  { elf, title }: UserFile,
  { provider, name }: UsdtTarget,
): { readonly notes: readonly UsdtNote[]; readonly provider: string } | Refused {
  const all = readUsdtNotes(elf);
  const full = provider === "" ? name : `${provider}:${name}`;
  const notes = all.filter((note) => note.name === name && (provider === "" || note.provider === provider));
  const providers = [...new Set(notes.map((note) => note.provider))];
  const [first] = providers;
  if (first !== undefined && providers.length === 1) return { notes, provider: first };
  if (first !== undefined)
    return refuse(
      "TSP3050",
      `${title} has several probes ${name}`,
      [`say which: ${providers.map((one) => `${one}:${name}`).join(" or ")}`],
      { culprit: name },
    );
  const names = [...new Set(all.map((note) => `${note.provider}:${note.name}`))];
  const near = nearestNames(full, names, 3);
  const hint =
    names.length === 0
      ? "it has no probes of its own: hook a function, with uprobe(…)"
      : near.length > 0
        ? `did you mean ${near.join(" or ")}?`
        : `it has ${names.slice(0, 10).join(", ")}${names.length > 10 ? ` and ${names.length - 10} more: see \`readelf -n ${title}\`` : ""}`;
  return refuse("TSP3048", `${title} has no probe ${full}`, [hint], { culprit: name });
}

function fieldsOf(
  { args, name }: UsdtTarget,
  provider: string,
  variants: readonly Variant[],
): { readonly fields: readonly ContextField[] } | Refused {
  const count = Math.min(...variants.map((variant) => variant.arguments.length));
  const names = Object.entries(args);
  const [beyond] = names[count] ?? [];
  if (beyond !== undefined)
    return refuse(
      "TSP3049",
      `the probe ${provider}:${name} has ${count === 0 ? "no arguments" : count === 1 ? "one argument" : `${count} arguments`}, and ${beyond} would be number ${count + 1}`,
      [],
      { culprit: beyond },
    );
  return {
    fields: names.map(([field, type], index) => fieldAt(field, type, index, variants)),
  };
}

function fieldAt(name: string, type: UsdtArgumentType, index: number, variants: readonly Variant[]): ContextField {
  const there = variants.map(({ cookie, arguments: found }) => ({ cookie, argument: found[index] as UsdtArgument }));
  const unreadable = there.find(({ argument }) => argument.location === undefined);
  if (unreadable !== undefined) {
    const { text } = unreadable.argument;
    return Object.freeze({
      name,
      cType: text,
      offset: 0,
      size: 0,
      type: Object.freeze({ kind: "unreadable" as const, why: whyNot(text) }),
    });
  }
  const places: LocatedPlace[] = [];
  for (const { cookie, argument } of there) {
    const { size, signed, location } = argument;
    if (location === undefined) continue;
    const same = places.findIndex((place) => isSame(place, { size, signed, location }));
    const known = places[same];
    if (known === undefined) places.push({ cookies: [cookie], size, signed, location });
    else places[same] = { ...known, cookies: [...known.cookies, cookie] };
  }
  const signed = places.some((place) => place.signed);
  const words = [...new Set(there.map(({ argument }) => argument.text))];
  return locatedField(
    name,
    words.length === 1 ? (words[0] as string) : `${words[0]} and others`,
    userValueType(type, signed),
    places,
  );
}

function isSame(a: Omit<LocatedPlace, "cookies">, b: Omit<LocatedPlace, "cookies">): boolean {
  const text = ({ size, signed, location }: Omit<LocatedPlace, "cookies">) =>
    JSON.stringify([size, signed, location], (_key, value) => (typeof value === "bigint" ? `${value}n` : value));
  return text(a) === text(b);
}

function whyNot(text: string): string {
  if (/f@|%[xyz]mm|@[bhsdqv]\d+$/.test(text)) return "handlers have no floating-point numbers";
  if (/\(%rip\)/.test(text)) return "the variable's symbol was stripped from the file";
  return "this way of saying where it is is not known";
}
