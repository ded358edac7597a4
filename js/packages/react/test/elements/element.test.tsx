import { createRef, forwardRef, type ReactNode } from 'react';
import { expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-react';
import { PrimaryButton, SecondaryButton } from '../../src/elements/layout.ts';
import { ThemeProvider } from '../../src/theme/ThemeProvider.tsx';
import type { SlotProps, Theme } from '../../src/theme/theme.ts';

async function shown(theme: Theme | undefined, child: ReactNode = <PrimaryButton>Go</PrimaryButton>) {
  const { container } = await render(<ThemeProvider theme={theme}>{child}</ThemeProvider>);
  return container.firstElementChild as HTMLElement;
}

test('the primary button has its documented default class', async () => {
  const button = await shown(undefined);

  expect(button.tagName).toBe('BUTTON');
  expect([...button.classList]).toEqual(['gf-primary-button', 'clerk-button-primary']);
  expect(button.dataset['gf']).toBe('primaryButton');
});

test('other elements have the class of their key alone', async () => {
  expect((await shown(undefined, <SecondaryButton />)).className).toBe('gf-secondary-button');
});

test('a class string replaces the default class', async () => {
  const button = await shown({ primaryButton: 'p-4 rounded' });

  expect(button.outerHTML).toBe('<button data-gf="primaryButton" class="p-4 rounded">Go</button>');
});

test('an empty class string leaves the element without a class', async () => {
  expect((await shown({ primaryButton: '' })).outerHTML).toBe('<button data-gf="primaryButton">Go</button>');
});

test('a dictionary of styles replaces the default class', async () => {
  const button = await shown({ primaryButton: { backgroundColor: 'rgb(1, 2, 3)', padding: 4 } });

  expect(button.className).toBe('');
  expect(getComputedStyle(button).backgroundColor).toBe('rgb(1, 2, 3)');
  expect(getComputedStyle(button).padding).toBe('4px');
});

test('styles that the component sets itself go before those of a dictionary', async () => {
  const button = await shown(
    { primaryButton: { color: 'rgb(1, 2, 3)', padding: 4 } },
    <PrimaryButton style={{ color: 'rgb(4, 5, 6)' }} />,
  );

  expect(getComputedStyle(button).color).toBe('rgb(4, 5, 6)');
  expect(getComputedStyle(button).padding).toBe('4px');
});

test('a component replaces the element and gets its properties, children and events', async () => {
  const clicked = vi.fn();
  const Own = ({ children, ...props }: SlotProps<'button'>) => (
    <button {...props} className="own">
      <b>{children}</b>
    </button>
  );
  const button = await shown(
    { primaryButton: Own },
    <PrimaryButton type="submit" aria-label="x" state={{ loading: true, invalid: false }} onClick={clicked}>
      Go
    </PrimaryButton>,
  );

  expect(button.outerHTML).toBe(
    '<button type="submit" aria-label="x" data-gf="primaryButton" data-loading="" class="own"><b>Go</b></button>',
  );
  button.click();
  expect(clicked).toHaveBeenCalledOnce();
});

test('a component may render another element, and the default one is not rendered at all', async () => {
  const { container } = await render(
    <ThemeProvider theme={{ primaryButton: ({ children }) => <a href="#x">{children}</a> }}>
      <PrimaryButton>Go</PrimaryButton>
    </ThemeProvider>,
  );

  expect(container.innerHTML).toBe('<a href="#x">Go</a>');
});

test('components that are objects are not taken for styles', async () => {
  const Forwarded = forwardRef<HTMLButtonElement, SlotProps<'button'>>((props, ref) => (
    <button {...(props as object)} ref={ref} className="object" />
  ));

  expect(typeof Forwarded).toBe('object');
  expect((await shown({ primaryButton: Forwarded })).className).toBe('object');
});

const plain = (props: SlotProps<'button'>) => <button {...props} className="plain" />;
const forwarded = forwardRef<HTMLButtonElement, SlotProps<'button'>>((props, ref) => (
  <button {...(props as object)} ref={ref} className="forwarded" />
));

test.each([
  ['nothing', undefined],
  ['a class', 'p-4'],
  ['styles', { color: 'red' }],
  ['a function', plain],
  ['a forwarding component', forwarded],
])('a reference leads to the rendered node with %s as theme', async (_, slot) => {
  const ref = createRef<HTMLButtonElement>();
  const { unmount } = await render(
    <ThemeProvider theme={{ primaryButton: slot }}>
      <PrimaryButton ref={ref}>Go</PrimaryButton>
    </ThemeProvider>,
  );

  expect(ref.current?.tagName).toBe('BUTTON');
  await unmount();
  expect(ref.current).toBeNull();
});

test('a narrower key goes before its key and falls back to it', async () => {
  const theme: Theme = { secondaryButton: 'all', secondaryButton__google: 'google' };

  expect((await shown(theme, <SecondaryButton variant="google" />)).className).toBe('google');
  expect((await shown(theme, <SecondaryButton variant="github" />)).className).toBe('all');
  expect((await shown({}, <SecondaryButton variant="github" />)).outerHTML).toBe(
    '<button data-gf="secondaryButton" data-gf-variant="github" class="gf-secondary-button"></button>',
  );
});

test('state is a data attribute, never a class', async () => {
  const button = await shown({}, <SecondaryButton state={{ selected: true, open: false }} />);

  expect(button.dataset['selected']).toBe('');
  expect('open' in button.dataset).toBe(false);
  expect(button.className).toBe('gf-secondary-button');
});
