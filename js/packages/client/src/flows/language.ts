/** The user's language, in which mails are written. */
export function language(): string | undefined {
  return typeof navigator === 'undefined' ? undefined : navigator.language;
}
