// Prints the creation code of every contract in Tokens.sol, by its name.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const solc = require("solc");
const source = readFileSync(new URL("Tokens.sol", import.meta.url), "utf8");
const input = {
  language: "Solidity",
  sources: { "Tokens.sol": { content: source } },
  settings: {
    outputSelection: { "Tokens.sol": { "*": ["evm.bytecode.object"] } },
  },
};
const find = (path) => ({ contents: readFileSync(require.resolve(path), "utf8") });
const output = JSON.parse(solc.compile(JSON.stringify(input), { import: find }));
const errors = (output.errors ?? []).filter((error) => error.severity === "error");
if (errors.length) throw new Error(errors.map((error) => error.formattedMessage).join("\n"));
const contracts = Object.entries(output.contracts["Tokens.sol"]);
console.log(JSON.stringify(Object.fromEntries(contracts.map(([name, one]) => [name, "0x" + one.evm.bytecode.object]))));
