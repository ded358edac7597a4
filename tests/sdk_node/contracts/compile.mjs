// Prints the creation code of every contract of this folder, by its name.
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const solc = require("solc");
const folder = new URL(".", import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith(".sol"));
const sources = names.map((name) => [name, { content: readFileSync(new URL(name, folder), "utf8") }]);
const selection = names.map((name) => [name, { "*": ["evm.bytecode.object"] }]);
const input = {
  language: "Solidity",
  sources: Object.fromEntries(sources),
  settings: { outputSelection: Object.fromEntries(selection) },
};
const find = (path) => ({ contents: readFileSync(require.resolve(path), "utf8") });
const output = JSON.parse(solc.compile(JSON.stringify(input), { import: find }));
const errors = (output.errors ?? []).filter((error) => error.severity === "error");
if (errors.length) throw new Error(errors.map((error) => error.formattedMessage).join("\n"));
const contracts = names.flatMap((name) => Object.entries(output.contracts[name]));
console.log(JSON.stringify(Object.fromEntries(contracts.map(([name, one]) => [name, "0x" + one.evm.bytecode.object]))));
