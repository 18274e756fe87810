export { type ContextFilter, closedProbe, contextFilter } from "./closed-mode.ts";
export { clusterBootstrap, type ScoreInterval } from "./cluster-bootstrap.ts";
export { openProbe } from "./open-mode.ts";
export { createProbe, type Probe, type ProbeRow } from "./probe.ts";
export { agreement, askPredictions, NO_PREDICTION, type Predictions, readPredictions } from "./read-predictions.ts";
export type { ClusterTally, Tally } from "./tally.ts";
export { type TallyTest, testTally } from "./test-tally.ts";
export type { Transcript } from "./transcript.ts";
export { testWrongKeys, type WrongKeyTest } from "./wrong-keys.ts";
