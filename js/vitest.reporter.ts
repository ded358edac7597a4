// Writes what a run of Vitest found as JSON, for the test that reports it to pytest. RESULTS names the file.

import { writeFileSync } from 'node:fs';
import type { Reporter, TestCase, TestModule } from 'vitest/node';

/** One test: its file, its project, its name, how it ended, what failed, and milliseconds. */
interface Result {
  file: string;
  project: string;
  name: string;
  state: string;
  errors: string[];
  duration: number;
}

export default class ResultsFile implements Reporter {
  onTestRunEnd(
    modules: readonly TestModule[],
    unhandled: readonly { message: string; stack?: string }[],
  ): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()].map(resultOf));
    const errors = [...unhandled, ...modules.flatMap((module) => module.errors())].map(textOf);
    const path = process.env['RESULTS'];
    if (path) writeFileSync(path, JSON.stringify({ tests, errors }));
  }
}

function resultOf(test: TestCase): Result {
  const { state, errors = [] } = test.result();
  return {
    file: test.module.relativeModuleId,
    project: test.project.name,
    name: test.fullName,
    state,
    errors: errors.map(textOf),
    duration: test.diagnostic()?.duration ?? 0,
  };
}

function textOf(error: { message: string; stack?: string; diff?: string }): string {
  return [error.message, error.diff, error.stack].filter(Boolean).join('\n');
}
