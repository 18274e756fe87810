import { configureGlobal } from "fast-check";

// Property tests draw the same cases on every run, so that a red build is about the change; TEST_SEED=random explores.
if (process.env.TEST_SEED !== "random") configureGlobal({ seed: Number(process.env.TEST_SEED ?? 1) });
