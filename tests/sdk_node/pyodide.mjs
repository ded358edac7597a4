// Runs Python on Pyodide: one JSON line {folder, code, arguments} in, one JSON line with the result or the error out.
import { readFileSync } from "node:fs";
import { loadPyodide } from "pyodide";

const { folder, code, ...values } = JSON.parse(readFileSync(0, "utf8"));
const python = await loadPyodide();
python.mountNodeFS("/source", folder);
python.globals.set("arguments", JSON.stringify(values.arguments));
const prelude = "import json, sys\nsys.path.insert(0, '/source')\narguments = json.loads(arguments)\n";
try {
  console.log(JSON.stringify({ result: JSON.parse(await python.runPythonAsync(prelude + code)) }));
} catch (error) {
  console.log(JSON.stringify({ error: String(error.message) }));
}
