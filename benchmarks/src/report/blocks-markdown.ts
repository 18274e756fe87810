import type { ReportBlock } from "./report-block.ts";

/** Text as Markdown that shows it as it is; also inside a table. */
export function escapeMarkdown(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll(/[\\`*_[\]|#~]/g, (mark) => `\\${mark}`)
    .replaceAll(/\s*[\r\n]+\s*/g, " ");
}

/** Blocks as Markdown; figures are references to `figures/*.svg` beside it. */
export function blocksToMarkdown(blocks: readonly ReportBlock[]): string {
  return `${blocks.map(blockToMarkdown).join("\n\n")}\n`;
}

function blockToMarkdown(block: ReportBlock): string {
  switch (block.kind) {
    case "heading":
      return `${"#".repeat(block.level)} ${escapeMarkdown(block.text)}`;
    case "paragraph":
      return escapeMarkdown(block.text);
    case "list":
      return block.items.map((item) => `- ${escapeMarkdown(item)}`).join("\n");
    case "table": {
      const row = (cells: readonly string[]): string => `| ${cells.map(escapeMarkdown).join(" | ")} |`;
      const rule = `| ${block.head.map(() => "---").join(" | ")} |`;
      return [escapeMarkdown(block.caption), "", row(block.head), rule, ...block.rows.map(row)].join("\n");
    }
    case "figure": {
      const { file, title, description } = block.figure;
      return `![${escapeMarkdown(title)}](figures/${file})\n\n${escapeMarkdown(description)}`;
    }
    default:
      return block satisfies never;
  }
}
