'use client';
// Elements that many components have.

import { element } from './element.ts';

/** Around every component. The values of `general` and `buttons` are custom properties here. */
export const Root = element('root', 'div');
/** The main action. */
export const PrimaryButton = element('primaryButton', 'button', 'clerk-button-primary');
/** Any other action. */
export const SecondaryButton = element('secondaryButton', 'button');
/** A message about an error, with what can be done. */
export const Alert = element('alert', 'div');
/** The words of an alert. */
export const AlertText = element('alertText', 'p');
/** What happens, for screen readers alone. */
export const StatusText = element('statusText', 'p');
/** The place of a text that is being loaded. */
export const Skeleton = element('skeleton', 'div');
