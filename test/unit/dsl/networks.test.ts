import { describe, expect, test } from "vitest";
import { parseIp } from "../../../dsl/ip-parse.js";
import { formatIp } from "../../../dsl/ip-text.js";
import { cidrSet, type Network, networkText, parseNetwork } from "../../../dsl/networks.js";
import { opt } from "../../../dsl/opt.js";
import { options } from "../../../dsl/options.js";
import { beginScript } from "../../../dsl/script.js";

const set = (...texts: string[]) => cidrSet(texts.map((text) => parseNetwork(text) as Network));

describe("parseIp", () => {
  test.each(["1.2.3.4", "0.0.0.0", "255.255.255.255"])("reads %s as it is printed", (text) => {
    const parsed = parseIp(text);
    expect(parsed?.family).toBe(2);
    expect(formatIp(2, parsed?.bytes.subarray(12) as Uint8Array)).toBe(text);
  });

  test.each(["::", "::1", "fe80::1", "2001:db8::8:800:200c:417a", "1:2:3:4:5:6:7:8", "::ffff:10.0.0.1", "1::", "1:0:0:2::3"])(
    "reads %s as it is printed",
    (text) => {
      const parsed = parseIp(text);
      expect(parsed?.family).toBe(10);
      expect(formatIp(10, parsed?.bytes as Uint8Array)).toBe(text);
    },
  );

  test.each([
    "",
    "1.2.3",
    "1.2.3.256",
    "01.2.3.4",
    "1.2.3.4.5",
    ":",
    ":::",
    "1::2::3",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7::8",
    "g::",
    "12345::",
    "1.2.3.4::",
    "::1.2.3",
    "fe80::1%lo",
  ])("refuses %j", (text) => {
    expect(parseIp(text)).toBeUndefined();
  });
});

describe("networks", () => {
  test.each([
    ["10.0.0.0/8", ["10.0.0.0", "10.255.255.255", "::ffff:10.1.2.3"], ["11.0.0.0", "9.255.255.255", "::10.1.2.3", "::a01:203"]],
    ["192.168.1.130/25", ["192.168.1.128", "192.168.1.255"], ["192.168.1.127", "192.168.2.128"]],
    ["127.0.0.1", ["127.0.0.1"], ["127.0.0.2"]],
    ["0.0.0.0/0", ["1.2.3.4", "::ffff:9.9.9.9"], ["::", "::1", "fe80::1"]],
    ["::/0", ["::", "fe80::1", "::ffff:1.2.3.4"], ["1.2.3.4"]],
    ["fe80::/10", ["fe80::1", "febf::"], ["fec0::", "1.2.3.4"]],
    ["::1", ["::1"], ["::2", "0.0.0.1"]],
    // A network of mapped addresses is one of IPv4 addresses.
    ["::ffff:10.0.0.0/104", ["10.9.9.9", "::ffff:10.9.9.9"], ["11.0.0.0"]],
  ])("%s", (network, inside, outside) => {
    const only = set(network);
    expect(inside.filter((text) => !only.has(text))).toEqual([]);
    expect(outside.filter((text) => only.has(text))).toEqual([]);
    expect(only.has("")).toBe(false);
  });

  test.each(["10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/a", "10.0.0.0/8/8", "/8", "10.0.0/8", "10.0.0.0/-1", "10.0.0.0/ 8"])(
    "%j is none",
    (text) => {
      expect(parseNetwork(text)).toBeUndefined();
    },
  );
});

describe("opt.cidrSet", () => {
  const declare = (...argv: string[]) => {
    beginScript(argv);
    return options({ peers: opt.cidrSet({ flag: "-p, --peers <list>", help: "only these peers" }) }).peers;
  };

  test("is empty unless given, and repeated flags add to it", () => {
    expect(declare().size).toBe(0);
    expect(declare().has("1.2.3.4")).toBe(false);
    const peers = declare("-p", "10.0.0.0/8, ::1", "--peers", "192.168.0.1");
    expect(peers.size).toBe(3);
    expect(["10.1.1.1", "::1", "192.168.0.1", "192.168.0.2"].map(peers.has)).toEqual([true, true, true, false]);
  });

  test("refuses what is no network, and too many", () => {
    expect(() => declare("-p", "10.0.0.0/8,here")).toThrow('--peers: "here" is no address and no network');
    expect(() => declare("-p", "1.2.3.4,")).toThrow('--peers: "" is no address');
    expect(() => declare("-p", Array.from({ length: 65 }, (_, i) => `10.0.0.${i}`).join())).toThrow(
      "--peers: 65 networks are too many",
    );
    expect(declare("-p", Array.from({ length: 64 }, (_, i) => `10.0.0.${i}`).join()).size).toBe(64);
  });
});

describe("find", () => {
  const nested = set("0.0.0.0/0", "10.1.0.0/16", "10.0.0.0/8", "::/0", "10.1.2.3", "fd00::/8");

  test("puts networks with the longest prefix first, whatever the order they were given in", () => {
    expect(nested.networks().map(networkText)).toEqual([
      "10.1.2.3",
      "10.1.0.0/16",
      "10.0.0.0/8",
      "0.0.0.0/0",
      "fd00::/8",
      "::/0",
    ]);
  });

  test.each([
    ["10.1.2.3", "10.1.2.3"],
    ["10.1.2.4", "10.1.0.0/16"],
    ["::ffff:10.2.0.1", "10.0.0.0/8"],
    ["11.0.0.1", "0.0.0.0/0"],
    ["fd12::1", "fd00::/8"],
    ["2001:db8::1", "::/0"],
  ])("finds %s in %s", (address, network) => {
    expect(networkText(nested.networks()[nested.find(address)] as Network)).toBe(network);
  });

  test("is -1 for what is in none", () => {
    expect(set("10.0.0.0/8").find("11.0.0.1")).toBe(-1);
    expect(set().find("11.0.0.1")).toBe(-1);
  });
});
