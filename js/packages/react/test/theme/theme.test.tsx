import { expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-react';
import { Root } from '../../src/components/Root.tsx';
import { PrimaryButton, SecondaryButton } from '../../src/elements/layout.ts';
import { customProperties } from '../../src/theme/customProperties.ts';
import { ThemeProvider } from '../../src/theme/ThemeProvider.tsx';
import type { Theme } from '../../src/theme/theme.ts';
import { nearest } from '../../src/theme/unknownKeys.ts';

test('a theme holds for the whole application and for one component, the inner one first, key by key', async () => {
  const screen = await render(
    <ThemeProvider theme={{ primaryButton: 'instance', secondaryButton: 'instance', alert: 'instance' }}>
      <ThemeProvider theme={{ primaryButton: 'application', secondaryButton: 'application' }}>
        <Root theme={{ primaryButton: 'component' }}>
          <PrimaryButton>first</PrimaryButton>
          <SecondaryButton>second</SecondaryButton>
        </Root>
        <PrimaryButton>outside</PrimaryButton>
      </ThemeProvider>
    </ThemeProvider>,
  );

  expect(screen.getByText('first').element().className).toBe('component');
  expect(screen.getByText('second').element().className).toBe('application');
  expect(screen.getByText('outside').element().className).toBe('application');
});

test('a key without a value changes nothing', async () => {
  const screen = await render(
    <ThemeProvider theme={{ primaryButton: 'outer' }}>
      <ThemeProvider theme={{ primaryButton: undefined }}>
        <PrimaryButton>Go</PrimaryButton>
      </ThemeProvider>
    </ThemeProvider>,
  );

  expect(screen.getByText('Go').element().className).toBe('outer');
});

test('general and button values are custom properties of the root', async () => {
  const theme: Theme = {
    general: {
      color: 'rgb(1, 2, 3)',
      backgroundColor: '#fff',
      fontColor: 'black',
      fontFamily: '"Inter", sans-serif',
      labelFontWeight: 700,
      padding: '1rem',
      borderRadius: 4,
      boxShadow: '0 0 2px rgb(0 0 0 / 50%)',
    },
    buttons: { fontColor: 'white', fontFamily: 'serif', fontWeight: 'bold' },
  };
  const { container } = await render(
    <Root theme={theme}>
      <PrimaryButton>Go</PrimaryButton>
    </Root>,
  );
  const { style } = container.firstElementChild as HTMLElement;

  expect(Object.fromEntries([...style].map((name) => [name, style.getPropertyValue(name)]))).toEqual({
    '--gf-color': 'rgb(1, 2, 3)',
    '--gf-background': '#fff',
    '--gf-text': 'black',
    '--gf-font': '"Inter", sans-serif',
    '--gf-label-weight': '700',
    '--gf-padding': '1rem',
    '--gf-radius': '4px',
    '--gf-shadow': '0 0 2px rgb(0 0 0 / 50%)',
    '--gf-button-text': 'white',
    '--gf-button-font': 'serif',
    '--gf-button-weight': 'bold',
  });
});

test('general values of providers and components are joined', async () => {
  const { container } = await render(
    <ThemeProvider theme={{ general: { color: 'red', padding: 1 } }}>
      <Root theme={{ general: { color: 'blue' } }} />
    </ThemeProvider>,
  );

  expect(container.firstElementChild?.getAttribute('style')).toBe('--gf-color: blue; --gf-padding: 1px;');
});

test.each([
  'red; background: blue',
  'red } body { color: blue',
  'url(https://a.example/x)',
  'image-set("https://a.example/x" 1x)',
  '</style><script>',
  '\\75 rl(https://a.example/x)',
  'red !important',
  '@import "x"',
])('the value %s sets no custom property', (value) => {
  expect(customProperties({ general: { color: value, fontColor: 'black' } })).toEqual({
    '--gf-text': 'black',
  });
});

test('no value of a theme reaches a style sheet', async () => {
  const rules = () => [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules]).length;
  const former = rules();
  const value = 'x } body { display: none } .y';
  await render(
    <Root
      theme={{
        general: { color: value },
        primaryButton: value,
        secondaryButton: { color: value, background: value },
      }}
    >
      <PrimaryButton>Go</PrimaryButton>
      <SecondaryButton>Go</SecondaryButton>
    </Root>,
  );

  expect(rules()).toBe(former);
  expect(getComputedStyle(document.body).display).toBe('block');
});

test('a theme changes styles, not texts', async () => {
  const { container } = await render(
    <Root theme={{ primaryButton: { content: '"other"' }, secondaryButton: 'other' }}>
      <PrimaryButton>first</PrimaryButton>
      <SecondaryButton>second</SecondaryButton>
    </Root>,
  );

  expect(container.textContent).toBe('firstsecond');
});

test('an unknown key is an error of types, and a warning with the nearest name', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  // @ts-expect-error: an unknown key
  const theme: Theme = { primaryButon: 'p-4', primaryButton: 'p-4', secondaryButton__x: 'y', general: {} };
  await render(<ThemeProvider theme={theme} />);
  await render(<ThemeProvider theme={{ ...theme }} />);

  await expect.poll(() => warn).toHaveBeenCalled();
  expect(warn.mock.calls).toEqual([
    ['Greffier: no element has the key "primaryButon". Did you mean "primaryButton"?'],
  ]);
});

test('an unknown key of a narrower element is an error of types', () => {
  // @ts-expect-error: an unknown key
  const theme: Theme = { primaryButon__x: 'p-4' };
  expect(theme).toBeDefined();
});

test('the nearest name is the most similar one', () => {
  const names = ['primaryButton', 'secondaryButton', 'alert', 'general'];

  expect(nearest('alrt', names)).toBe('alert');
  expect(nearest('PRIMARYBUTTON', names)).toBe('primaryButton');
  expect(nearest('secondary_button', names)).toBe('secondaryButton');
});
