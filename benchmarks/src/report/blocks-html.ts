import type { ReportBlock, ReportTable } from "./report-block.ts";

const STYLE = `:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}
h1,h2,h3{line-height:1.25}h2{margin-top:2.5rem}
.scroll{overflow-x:auto}
table{border-collapse:collapse;font-size:.875rem;margin:1rem 0}
caption{text-align:left;padding-bottom:.4rem;max-width:55rem}
th,td{padding:.25rem .6rem;border-bottom:1px solid #d0d0d0;text-align:left;vertical-align:top;overflow-wrap:anywhere;min-width:3rem}
td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
figure{margin:1.5rem 0}figure svg{max-width:100%;height:auto}figcaption{font-size:.875rem}
@media (prefers-color-scheme:dark){body{color:#e8e8e8;background:#161616}th,td{border-color:#444}}`;

/** Text as HTML, for content and quoted attributes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

/** Blocks as one HTML page that holds everything it shows, runs nothing and may fetch nothing. */
export function blocksToHtml(title: string, blocks: readonly ReportBlock[]): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${blocks.map(blockToHtml).join("\n")}
</main>
</body>
</html>
`;
}

function blockToHtml(block: ReportBlock): string {
  switch (block.kind) {
    case "heading":
      return `<h${block.level}>${escapeHtml(block.text)}</h${block.level}>`;
    case "paragraph":
      return `<p>${escapeHtml(block.text)}</p>`;
    case "list":
      return `<ul>\n${block.items.map((item) => `<li>${escapeHtml(item)}</li>`).join("\n")}\n</ul>`;
    case "table":
      return tableToHtml(block);
    case "figure":
      return `<figure>${block.figure.svg}<figcaption>${escapeHtml(block.figure.description)}</figcaption></figure>`;
    default:
      return block satisfies never;
  }
}

function tableToHtml({ caption, head, rows }: ReportTable): string {
  const cell = (text: string): string => `<td${/^[-+−]?\d/.test(text) ? ' class="n"' : ""}>${escapeHtml(text)}</td>`;
  return `<div class="scroll" role="region" tabindex="0" aria-label="${escapeHtml(caption)}"><table>
<caption>${escapeHtml(caption)}</caption>
<thead><tr>${head.map((name) => `<th scope="col">${escapeHtml(name)}</th>`).join("")}</tr></thead>
<tbody>
${rows.map(([name, ...rest]) => `<tr><th scope="row">${escapeHtml(name!)}</th>${rest.map(cell).join("")}</tr>`).join("\n")}
</tbody></table></div>`;
}
