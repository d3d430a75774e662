import { describe, expect, test } from "vitest";
import { type InstallSystem, installHint } from "../../../../compiler/clang/install-hint.js";

const noLists = () => "";

function hint(osRelease: string, rest: Partial<InstallSystem> = {}): string {
  return installHint({ osRelease, root: false, query: noLists, ...rest });
}

/** Package lists with these clang-NN and this default version. */
function lists(names: string, version: string): InstallSystem["query"] {
  return (_, args) => (args[0] === "pkgnames" ? names : `Package: clang\nVersion: ${version}\n`);
}

describe("the command for each distribution", () => {
  test.each([
    ['ID=fedora\nVERSION_ID="40"', "Install it: sudo dnf install -y clang"],
    ['ID="rocky"\nID_LIKE="rhel centos fedora"', "Install it: sudo dnf install -y clang"],
    ["ID=arch", "Install it: sudo pacman -S --noconfirm clang"],
    ["ID=endeavouros\nID_LIKE=arch", "Install it: sudo pacman -S --noconfirm clang"],
    ["ID=alpine", "Install it: sudo apk add clang"],
    ['ID="opensuse-tumbleweed"\nID_LIKE="opensuse suse"', "Install it: sudo zypper --non-interactive install clang"],
    ["ID=mine", "Install clang 14 or newer with your system's package manager"],
    ["", "Install clang 14 or newer with your system's package manager"],
  ])("%j", (osRelease, expected) => expect(hint(osRelease)).toBe(expected));
});

describe("Debian and Ubuntu name a version that is new enough", () => {
  const ubuntu = "NAME=x\nID=ubuntu\nID_LIKE=debian";
  test("the default", () => {
    expect(hint(ubuntu, { query: lists("clang-14\nclang-15\nclang-format-15\n", "1:14.0-55.7") })).toBe(
      "Install it: sudo apt-get install -y clang",
    );
  });
  test("a newer one when the default is too old", () => {
    expect(hint(ubuntu, { query: lists("clang-9\nclang-11\nclang-16\nclang-tidy-16\n", "1:11.0-51") })).toBe(
      "Install it: sudo apt-get install -y clang-16",
    );
  });
  test("empty lists, as in a fresh container", () => {
    expect(hint(ubuntu)).toBe("Install it: sudo apt-get update && sudo apt-get install -y clang");
    expect(hint(ubuntu, { root: true })).toBe("Install it: apt-get update && apt-get install -y clang");
  });
});
