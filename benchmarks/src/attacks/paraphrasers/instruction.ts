/** What a model is told to do with a passage. */
export const instruction = (passage: string): string =>
  `Rewrite the following passage in other words. Keep its meaning and about its length. Answer with the rewritten passage alone.\n\n${passage}`;

/**
 * The passage of an answer: what a model thought before it, a line such as "Here is the passage:" and quotation marks around the whole are
 * dropped.
 */
export function passageOf(answer: string): string {
  const said = answer.replace(/^\s*<think>[\s\S]*?(?:<\/think>|$)/, "");
  const bare = said.trim().replace(/^(?:sure|here|certainly|rewritten)[^\n]{0,80}:\s*\n+/i, "");
  const quoted = /^["“](?<inner>[\s\S]*)["”]$/.exec(bare);
  return (quoted?.groups?.inner ?? bare).trim();
}
