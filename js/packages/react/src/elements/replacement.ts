'use client';
// Components that themes put in the place of elements.

import {
  Component,
  type ComponentType,
  createElement,
  type ForwardedRef,
  type ReactNode,
  version,
} from 'react';
import * as ReactDom from 'react-dom';

type Replacement = ComponentType<Record<string, unknown>>;

/** Whether a value of a theme is a component. Those of styled-components and Chakra are objects, as styles are. */
export function isComponent(value: unknown): value is Replacement {
  return typeof value === 'function' || (typeof value === 'object' && value !== null && '$$typeof' in value);
}

/** The replacement with its properties and `ref`, which React 18 withholds from plain functions. */
export function withRef(
  replacement: Replacement,
  props: Record<string, unknown>,
  ref: ForwardedRef<unknown>,
): ReactNode {
  if (ref && needsNodeFinder(replacement)) {
    return createElement(NodeFinder, { found: ref }, createElement(replacement, props));
  }
  return createElement(replacement, { ...props, ref });
}

function needsNodeFinder(replacement: Replacement): boolean {
  const isPlainFunction = typeof replacement === 'function' && !replacement.prototype?.isReactComponent;
  return isPlainFunction && version.startsWith('18.');
}

// React 19 has no `findDOMNode`; reading it by a computed name keeps bundlers from looking for it.
const FIND_NODE = ['find', 'DOM', 'Node'].join('');

/** Gives its child's node to a ref, for React 18 alone. */
class NodeFinder extends Component<{ found: ForwardedRef<unknown>; children?: ReactNode }> {
  override componentDidMount(): void {
    const find = (ReactDom as unknown as Record<string, (of: Component) => unknown>)[FIND_NODE];
    assign(this.props.found, find?.(this) ?? null);
  }

  override componentWillUnmount(): void {
    assign(this.props.found, null);
  }

  override render(): ReactNode {
    return this.props.children;
  }
}

function assign(ref: ForwardedRef<unknown>, node: unknown): void {
  if (typeof ref === 'function') ref(node);
  else if (ref) ref.current = node;
}
