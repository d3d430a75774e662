import { FILTER_FLAGS, type FilterName } from "./filter-flags.js";
import { type OptionSpec, opt } from "./opt.js";
import { type DeclaredOption, options } from "./options.js";
import type { Script } from "./script.js";

const SPECS: Readonly<Record<FilterName, { readonly make: (flag: string) => OptionSpec }>> = {
  pid: { make: (flag) => opt.u32({ flag: `${flag} <pid>`, help: "only what this process does (all its threads)" }) },
  comm: { make: (flag) => opt.string({ flag: `${flag} <name>`, help: "only threads of this name" }) },
  uid: { make: (flag) => opt.u32({ flag: `${flag} <uid>`, help: "only this user's tasks" }) },
  cgroup: { make: (flag) => opt.string({ flag: `${flag} <path>`, help: "only tasks in this cgroup (v2) and those below it" }) },
  netns: {
    make: (flag) =>
      opt.string({ flag: `${flag} <name>`, help: "only tasks in this network namespace: a name, a path or an inode number" }),
  },
  command: {
    make: (flag) =>
      opt.string({
        flag: `${flag} <command>`,
        help: "run this command, and see only it and the processes it starts; ends with it",
      }),
  },
};

/** Whether a word of the command line is one of these flags, and so has a value: they may stand before the script's path too. */
export function isFilterFlag(word: string): boolean {
  return FILTER_FLAGS.some(({ name, short }) => word === `--${name}` || (short !== undefined && word === `-${short}`));
}

/**
 * Declares the filter flags that the script does not use for something of its own, once its module has run. A script may want none.
 * @returns what was given
 */
export function declareFilters(script: Script): Readonly<Partial<Record<FilterName, number | string>>> {
  if (script.usage.some(({ noTaskFilters }) => noTaskFilters !== undefined)) return {};
  const taken = script.options.flatMap((declaration) => declaration.options);
  const specs = FILTER_FLAGS.filter(({ name }) => taken.every(({ long }) => long !== name)).map(({ name, short }) => {
    const { make } = SPECS[name];
    const free = short !== undefined && taken.every((option: DeclaredOption) => option.short !== short);
    return [name, make(`${free ? `-${short}, ` : ""}--${name}`)] as const;
  });
  return options(Object.fromEntries(specs)) as Partial<Record<FilterName, number | string>>;
}
