// `/` lists all states; `/?state=pricing-table/loading` shows one. `scheme=dark`, `dir=rtl` change the page.

import '@greffier/react/styles.css';
import './page.css';
import { createRoot } from 'react-dom/client';
import { STATES } from './states.ts';

const asked = new URLSearchParams(location.search);
const name = asked.get('state');

document.documentElement.style.colorScheme = asked.get('scheme') ?? 'light dark';
document.documentElement.dir = asked.get('dir') ?? 'ltr';
if (name) document.title = name;

function List() {
  return (
    <ul>
      {Object.keys(STATES).map((state) => (
        <li key={state}>
          {['light', 'dark'].map((scheme) => (
            <a key={scheme} href={`?state=${state}&scheme=${scheme}`}>
              {state} {scheme}
            </a>
          ))}{' '}
          <a href={`?state=${state}&dir=rtl`}>from right to left</a>
        </li>
      ))}
    </ul>
  );
}

const shown = name ? STATES[name] : undefined;
const main = document.body.appendChild(document.createElement('main'));
createRoot(main).render(shown ? shown() : <List />);
