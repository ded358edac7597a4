// Finds a Chromium: CHROMIUM, else a program on PATH.

import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const COMMANDS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

const ARGUMENTS = [
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-dev-shm-usage',
];

/** Options for Playwright's `launch`; without an installed Chromium, Playwright looks for its own. */
export function launchOptions(): { executablePath?: string; args: string[] } {
  const found = process.env['CHROMIUM'] ?? candidates().find(isProgram);
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return { ...(found && { executablePath: found }), args: [...ARGUMENTS, ...sandbox] };
}

function candidates(): string[] {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return COMMANDS.flatMap((command) => folders.map((folder) => join(folder, command)));
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
