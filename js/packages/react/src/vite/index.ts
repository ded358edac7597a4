// `@greffier/react/vite`: a check of what an application's build puts into browsers.

const SECRET_KEY = /\b(?:(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{8,}|whsec_[A-Za-z0-9+/]{16,})/;

/** The parts of Vite's and Rollup's plugins that are used here. */
interface Context {
  error(message: string): never;
}

interface Output {
  fileName: string;
  type: 'asset' | 'chunk';
  code?: string;
  source?: string | Uint8Array;
}

interface BundlePlugin {
  name: string;
  apply: 'build';
  generateBundle(this: Context, options: unknown, bundle: Readonly<Record<string, Output>>): void;
}

/** A plugin for Vite and Rollup that fails a build whose files contain a secret key. It does not repeat the key. */
export function noSecretKeys(): BundlePlugin {
  return {
    name: 'greffier-no-secret-keys',
    apply: 'build',
    generateBundle(_, bundle) {
      for (const { fileName, code, source } of Object.values(bundle)) {
        const text = code ?? (typeof source === 'string' ? source : new TextDecoder().decode(source));
        if (SECRET_KEY.test(text))
          this.error(`${fileName} contains a secret key, which every visitor could read.`);
      }
    },
  };
}
