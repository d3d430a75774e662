import { conversationStories, converse } from "../conversation.js";
import { scenario } from "../scenario.js";

/** A listener on :: takes an IPv4 client: the client is AF_INET, the child AF_INET6 with mapped addresses. */
export const v4Mapped = scenario({
  name: "IPv4 client of an IPv6 listener",
  run: ({ client, server }) =>
    converse(client, server, {
      listenOn: "::",
      connectTo: "127.0.0.1",
      closesFirst: "client",
      establishedMs: 30,
      halfClosedMs: 30,
      childSeesMapped: true,
    }),
  expected: conversationStories,
});
