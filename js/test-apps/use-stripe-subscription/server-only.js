// The published package imports Stripe's library for servers, also in pages, and does not use it there.
export default class {}
