// Names of the wire (`first_name`) and of JavaScript (`firstName`).

/** Their values belong to the application, whose keys are left alone. */
const OF_THE_APPLICATION = /_metadata$|^(claims|actor)$/;
/** Maps whose keys are values of the protocol, which other values name: `email_address`, `oauth_google`. */
const MAPS = /^(attributes|social|verifications)$/;

export function camelCase(name: string): string {
  return name.replace(/(?<=.)_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** A value of an answer with the names of JavaScript. */
export function fromWire(value: unknown, keepKeys = false): unknown {
  if (Array.isArray(value)) return value.map((one) => fromWire(one));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, inner]) => [
    keepKeys ? name : camelCase(name),
    OF_THE_APPLICATION.test(name) && !keepKeys ? inner : fromWire(inner, MAPS.test(name)),
  ]);
  return Object.fromEntries(entries);
}

export type Value = string | number | boolean | null | undefined | object;
/** Parameters of a request, in the names of JavaScript. */
export type Params = Readonly<Record<string, Value>>;

/** Parameters as forms and queries have them: `null` is empty, `undefined` absent, an array repeats its name,
 * and any other object is JSON. */
export function toWire(params: object): URLSearchParams {
  const pairs = Object.entries(params as Params).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value])
      .filter((one) => one !== undefined)
      .map((one) => [snakeCase(name), text(one)]),
  );
  return new URLSearchParams(pairs);
}

function text(value: Value): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? '');
}
