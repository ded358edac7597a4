// What a theme may say. Elements are addressed by the keys that `element()` declares in `elements/`.

import type { ComponentType, CSSProperties, ForwardRefExoticComponent } from 'react';
import type * as all from '../elements/all.ts';
import type { ElementProps, ElementTag } from '../elements/element.ts';

type Elements = {
  [Name in keyof typeof all as (typeof all)[Name]['key']]: (typeof all)[Name]['tag'];
};

/** The keys of all elements. */
export type ElementKey = keyof Elements;

/** What a component gets that stands in for an element: everything that the element would have got. */
export type SlotProps<Tag extends ElementTag> = Omit<ElementProps<Tag>, 'variant' | 'state'>;

/** Classes that replace the default one, styles that replace it, or a component that replaces the element. */
export type Slot<Tag extends ElementTag> =
  | string
  | CSSProperties
  | ComponentType<SlotProps<Tag>>
  | ForwardRefExoticComponent<SlotProps<Tag>>;

/** General values, which become custom properties that the default styles use. */
export type GeneralTheme = {
  color?: string;
  backgroundColor?: string;
  fontColor?: string;
  fontFamily?: string;
  labelFontWeight?: string | number;
  padding?: string | number;
  borderRadius?: string | number;
  boxShadow?: string;
};

export type ButtonsTheme = {
  fontColor?: string;
  fontFamily?: string;
  fontWeight?: string | number;
};

/** Styles of components: single values for the default styles, and a replacement for any element. */
export type Theme = {
  general?: GeneralTheme | undefined;
  buttons?: ButtonsTheme | undefined;
} & { [Key in ElementKey]?: Slot<Elements[Key]> | undefined } & {
  [Key in ElementKey as `${Key}__${string}`]?: Slot<Elements[Key]> | undefined;
};
