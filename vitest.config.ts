import { defineConfig } from "vitest/config";

const source = ["@tokenmark/source"];

export default defineConfig({
  // Sources run unbuilt through this export condition; `resolve.conditions` alone does not reach SSR.
  resolve: { conditions: source },
  ssr: { resolve: { conditions: source } },
  test: {
    include: [
      "packages/*/test/**/*.test.ts",
      "benchmarks/test/**/*.test.ts",
      "examples/**/*.test.ts",
      "docs/**/*.test.ts",
    ],
    setupFiles: ["./vitest.setup.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
  },
});
