import { conversationStories, converse } from "../conversation.js";
import { scenario } from "../scenario.js";
import { Actor } from "../stage.js";

const server = "2001:db8:77::5";
const client = "2001:db8:0:1::c1";

/** IPv6 between two different addresses, both to be written in their short form (RFC 5952), in a namespace that has them. */
export const ipv6Addresses = scenario({
  name: "IPv6 between two addresses",
  async run(_stage, options) {
    const addresses = [server, client].map((address) => `ip -6 addr add ${address}/128 dev lo nodad`);
    const both = await Actor.start({ ...options, namespace: ["ip link set lo up", ...addresses] });
    try {
      return await converse(both, both, {
        listenOn: server,
        connectTo: server,
        clientAddress: client,
        closesFirst: "server",
        establishedMs: 30,
        halfClosedMs: 30,
      });
    } finally {
      await both.stop();
    }
  },
  expected: conversationStories,
});
