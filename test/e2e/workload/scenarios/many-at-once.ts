import { conversationStories, converse } from "../conversation.js";
import { scenario } from "../scenario.js";

/** 200 connections opened together, closed together: no row may be lost, and each socket keeps its order. */
export const manyAtOnce = scenario({
  name: "200 connections at once",
  run: ({ client, server }) =>
    converse(client, server, {
      listenOn: "127.3.4.8",
      connectTo: "127.3.4.8",
      closesFirst: "client",
      connections: 200,
      establishedMs: 100,
      halfClosedMs: 50,
    }),
  expected: conversationStories,
});
