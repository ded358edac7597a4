export type { ElementProps, ElementTag } from './elements/element.ts';
export { SecretKeyError } from './secretKeys.ts';
export * from './subscription/index.ts';
export { english } from './texts/english.ts';
export { TextsProvider, useTexts } from './texts/TextsProvider.tsx';
export type { Plural, SomeTexts, Texts } from './texts/texts.ts';
export { ThemeProvider } from './theme/ThemeProvider.tsx';
export type { ElementKey, Slot, SlotProps, Theme } from './theme/theme.ts';
