// Runs the tests on other Node releases: `npx -y pnpm@10 test:nodes [22 24 …]`. The binaries come from the npm packages
// node-<platform>-<arch>, which the npm package `node` is made of; nothing is installed outside the system's temporary folder.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const releases = process.argv.length > 2 ? process.argv.slice(2) : ["22", "24"];
const platform = process.platform === "win32" ? "win" : process.platform;
const packageName = `node-${platform}-${process.arch}`;
let failed = 0;

for (const release of releases) {
  const folder = mkdtempSync(join(tmpdir(), "tokenmark-node-"));
  try {
    // The tag of a release line lives on the `node` package; the platform packages carry the same version numbers.
    const version = JSON.parse(
      execFileSync("npm", ["view", `node@${release}`, "version", "--json"], { encoding: "utf8" }),
    );
    const newest = [version]
      .flat()
      .sort((a, b) => a.localeCompare(b, "en", { numeric: true }))
      .at(-1);
    execFileSync("npm", ["install", "--silent", "--no-save", "--prefix", folder, `${packageName}@${newest}`], {
      stdio: "inherit",
    });
    const node = join(folder, "node_modules", packageName, "bin", platform === "win" ? "node.exe" : "node");
    console.log(`\n# Node ${execFileSync(node, ["--version"], { encoding: "utf8" }).trim()}`);
    // Tests start processes of their own: the release under test comes first on their PATH too.
    const env = { ...process.env, PATH: `${join(node, "..")}${platform === "win" ? ";" : ":"}${process.env.PATH}` };
    const run = spawnSync(node, [join(root, "node_modules/vitest/vitest.mjs"), "run"], {
      cwd: root,
      stdio: "inherit",
      env,
    });
    if (run.status !== 0) failed++;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
process.exitCode = failed === 0 ? 0 : 1;
