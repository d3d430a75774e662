import { fentry } from "tsprobe";

// More arguments than the trampolines of older kernels pass on.
export const many = fentry("ip_append_data", ({ length, flags }) => ({ length, flags }));
