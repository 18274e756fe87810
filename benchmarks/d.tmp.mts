import { runDistill } from "./src/distill/run-distill.ts";
import { distillRuns } from "./src/distill/distill-config.ts";
import { formatDistill } from "./src/distill/distill-report.ts";
import { progressLine } from "./src/commands/progress-line.ts";
import { writeFileSync, mkdirSync } from "node:fs";
const r = await runDistill(distillRuns.quick,{workFolder:"out/distill/quick",onProgress:progressLine(process.stderr)});
writeFileSync("/tmp/exp/distill.json",JSON.stringify(r)); writeFileSync("/tmp/exp/distill.md",formatDistill(r)); console.log(formatDistill(r));
