// Every element, for types and for tests. Components import from the files, so that bundlers leave out the rest.

export * from './layout.ts';
export * from './pricing.ts';
