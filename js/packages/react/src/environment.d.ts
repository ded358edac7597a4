// Bundlers replace `process.env.NODE_ENV`, by this expression and no other.
declare namespace NodeJS {
  interface ProcessEnv {
    readonly NODE_ENV?: string;
  }
}
