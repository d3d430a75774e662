/** The flags that every script has beside its own, with values all of them: which tasks its handlers see. */
export const FILTER_FLAGS = [
  { name: "pid", short: "p" },
  { name: "comm", short: undefined },
  { name: "uid", short: undefined },
  { name: "cgroup", short: undefined },
  { name: "netns", short: undefined },
  { name: "command", short: "c" },
] as const;

export type FilterName = (typeof FILTER_FLAGS)[number]["name"];
