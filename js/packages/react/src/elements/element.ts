'use client';
// element() makes a component that renders one HTML element which a theme can replace.

import {
  type ComponentPropsWithRef,
  type CSSProperties,
  createElement,
  type ElementType,
  type ForwardedRef,
  forwardRef,
  type JSX,
  type ReactNode,
} from 'react';
import { useSlot } from '../theme/ThemeProvider.tsx';
import { isComponent, withRef } from './replacement.ts';

export type ElementTag = keyof JSX.IntrinsicElements;

/** The properties of an element of its own: what the HTML element takes, except for its class. */
export type ElementProps<Tag extends ElementTag> = Omit<ComponentPropsWithRef<Tag>, 'className'> & {
  /** A narrower key: `key__variant` of a theme goes before `key`. */
  variant?: string | undefined;
  /** Becomes data attributes for styles: `{ loading: true }` is `data-loading`. */
  state?: Readonly<Record<string, boolean | undefined>> | undefined;
};

export interface ThemedElement<Key extends string = string, Tag extends ElementTag = ElementTag> {
  (props: ElementProps<Tag>): ReactNode;
  readonly key: Key;
  readonly tag: Tag;
  readonly defaultClass: string;
}

interface AnyProps {
  variant?: string;
  state?: Readonly<Record<string, boolean | undefined>>;
  style?: CSSProperties;
  [name: string]: unknown;
}

/**
 * A component for one HTML element with a stable key.
 *
 * @param key the name that themes use, in camelCase
 * @param tag the HTML element that is rendered unless a component replaces it
 * @param additionalClass what the default class is accompanied by
 */
/* @__NO_SIDE_EFFECTS__ */
export function element<Key extends string, Tag extends ElementTag>(
  key: Key,
  tag: Tag,
  additionalClass?: string,
): ThemedElement<Key, Tag> {
  const defaultClass = [classOf(key), additionalClass].filter(Boolean).join(' ');

  // biome-ignore lint/correctness/noComponentHookFactories: elements are made once, when modules load
  function Element({ variant, state, ...props }: AnyProps, ref: ForwardedRef<unknown>): ReactNode {
    const slot = useSlot(key, variant);
    const attributes = { ...props, ...dataAttributes(key, variant, state) };
    if (isComponent(slot)) return withRef(slot, attributes, ref);
    if (typeof slot === 'string') return rendered(tag, { ...attributes, className: slot || undefined, ref });
    if (slot)
      return rendered(tag, { ...attributes, style: { ...(slot as CSSProperties), ...props.style }, ref });
    return rendered(tag, { ...attributes, className: defaultClass, ref });
  }
  Element.displayName = key;

  // Forwarded for React 18, where `ref` is no property.
  const component = forwardRef(Element as Parameters<typeof forwardRef>[0]);
  return Object.assign(component, { key, tag, defaultClass }) as unknown as ThemedElement<Key, Tag>;
}

function rendered(tag: ElementTag, attributes: Record<string, unknown>): ReactNode {
  return createElement(tag as ElementType, attributes);
}

/** The default class of a key: `primaryButton` has `gf-primary-button`. */
export function classOf(key: string): string {
  return `gf-${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function dataAttributes(
  key: string,
  variant: string | undefined,
  state: Readonly<Record<string, boolean | undefined>> = {},
): Record<string, string> {
  const attributes: Record<string, string> = { 'data-gf': key };
  if (variant) attributes['data-gf-variant'] = variant;
  for (const [name, holds] of Object.entries(state)) if (holds) attributes[`data-${name}`] = '';
  return attributes;
}
