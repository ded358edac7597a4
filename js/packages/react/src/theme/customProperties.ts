// General values of a theme as custom properties, which the default styles read.

import type { Theme } from './theme.ts';

const GENERAL = {
  color: '--gf-color',
  backgroundColor: '--gf-background',
  fontColor: '--gf-text',
  fontFamily: '--gf-font',
  labelFontWeight: '--gf-label-weight',
  padding: '--gf-padding',
  borderRadius: '--gf-radius',
  boxShadow: '--gf-shadow',
} as const;

const BUTTONS = {
  fontColor: '--gf-button-text',
  fontFamily: '--gf-button-font',
  fontWeight: '--gf-button-weight',
} as const;

const LENGTHS = new Set<string>(['--gf-padding', '--gf-radius']);

// Rendered on a server, a style is text: what could end a declaration or load something stays out.
const PLAIN = /^(?!.*(?:url|image|image-set|src|element)\s*\()[^;{}<>\\@!]*$/i;

/** The custom properties that `general` and `buttons` set. Values that are not plain are left out. */
export function customProperties({ general = {}, buttons = {} }: Theme): Record<string, string> {
  return { ...named(GENERAL, general), ...named(BUTTONS, buttons) };
}

function named(
  names: Readonly<Record<string, string>>,
  values: Readonly<Record<string, string | number | undefined>>,
): Record<string, string> {
  const properties: Record<string, string> = {};
  for (const [key, value] of Object.entries(values)) {
    const name = names[key];
    if (name === undefined || value === undefined) continue;
    const text = typeof value === 'number' && LENGTHS.has(name) ? `${value}px` : String(value);
    if (PLAIN.test(text)) properties[name] = text;
  }
  return properties;
}
