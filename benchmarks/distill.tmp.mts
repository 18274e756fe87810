import { openModel } from "./src/models/open-model.ts";
import { openLocalModel } from "./src/models/local-model.ts";
import { schemeMaker } from "./src/survival/scheme-maker.ts";
import { prompts } from "@tokenmark/demo-model";
import { train, exportModel, readModelFolder } from "@tokenmark/trainer";
import { modelFolder } from "@tokenmark/demo-model";
import { openProbe, readPredictions, testTally, closedProbe, contextFilter, agreement } from "../packages/radioactivity/src/index.ts";
const model = await openModel({kind:"shipped"});
const {vocabulary} = readModelFolder(modelFolder, 128);
const N=+process.argv[2]!, LEN=200, steps=+process.argv[3]!;
const cfgs = { "kgw1": { scheme: "kgw", gamma: 0.25, delta: 2, seeding: "lefthash", contextWidth: 1 }, "kgw2": { scheme: "kgw", gamma: 0.25, delta: 2, seeding: "minhash", contextWidth: 2 }, "gumbel1": {scheme:"gumbel",contextWidth:1}, "gumbel2": {scheme:"gumbel",contextWidth:2}, "synthid1": {scheme:"synthid",depth:30,leaves:2,contextWidth:1} } as const;
for (const [name,cfg] of Object.entries(cfgs).filter(([n])=>!process.argv[4]||process.argv[4].split(",").includes(n))) {
  const maker = schemeMaker(name, cfg as any, "1"); const scheme = maker.create("teacher");
  let t=Date.now();
  const w = await model.write(Array.from({length:N},(_,i)=>({prompt:prompts[i%prompts.length]!,scheme,seed:`d/${i}`})), {temperature:1,topK:0,topP:1,maxTokens:LEN});
  console.log(name,"wrote",N*LEN,"in",Date.now()-t); t=Date.now();
  const stream = Int32Array.from(w.flatMap(x=>[0,...x.promptTokens,...x.tokens]));
  const config = {vocabSize:4096,layers:2,width:128,heads:2,hidden:344,context:128};
  const {weights,curve} = await train(config,{tokens:stream},{batch:16,steps,seed:"s1",learningRate:{peak:2e-3,warmup:50,finalFraction:.02},progressEvery:steps,onProgress:p=>console.log("  loss",JSON.stringify(p))});
  console.log("  trained",Date.now()-t, "epochs", steps*16*128/stream.length); t=Date.now();
  exportModel(`/tmp/exp/student-${name}`,config,weights,vocabulary,{storages:["fp32"]});
  const student = await openLocalModel(`/tmp/exp/student-${name}`,{dtype:"fp32"});
  const transcripts = w.map(x=>({prompt:x.promptTokens,tokens:x.tokens}));
  const preds=[]; for (const tr of transcripts) preds.push(await readPredictions(student.reader!, tr));
  for (const n of [N>>3,N>>2,N>>1,N]) { const probe=openProbe(transcripts.slice(0,n),preds.slice(0,n),scheme.context.width); const ta=probe.tally(scheme); const r=testTally(scheme,ta); console.log("  open",n*LEN,"tokens T",ta.tokensScored,"copied",ta.copied,"mean",r.meanScore.toFixed(4),"vs",r.expectedScore.toFixed(3),"log10p",r.log10PValue.toFixed(2)); }
  console.log("  agreement", (preds.reduce((s,p,i)=>s+agreement(p,transcripts[i]!.tokens),0)/N).toFixed(3), Date.now()-t); t=Date.now();
  const a = await student.write(Array.from({length:100},(_,i)=>({prompt:prompts[i%prompts.length]!,scheme:null,seed:`c/${i}`})), {temperature:.7,topK:0,topP:1,maxTokens:LEN});
  const ans=a.map(x=>({prompt:x.promptTokens,tokens:x.tokens}));
  for (const f of [undefined, contextFilter(transcripts,scheme.context.width)]) { const ta=closedProbe(ans,scheme.context.width,f).tally(scheme); const r=testTally(scheme,ta); console.log("  closed",f?"filter":"all","T",ta.tokensScored,"mean",r.meanScore.toFixed(4),"log10p",r.log10PValue.toFixed(2)); }
  await student.dispose();
}
