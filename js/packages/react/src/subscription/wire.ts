// What the subscription endpoint answers: objects of Stripe's API, of which these are the fields that are used here.

/** A price, as Stripe has it. Amounts are in the smallest unit of the currency, as Stripe counts it. */
export interface Price {
  id: string;
  product: string | { id: string };
  currency: string;
  unit_amount: number | null;
  unit_amount_decimal?: string | null;
  active?: boolean;
  recurring?: { interval: Interval; interval_count?: number } | null;
  [field: string]: unknown;
}

export type Interval = 'day' | 'week' | 'month' | 'year';

/** A product. `metadata.features` lists what it has, separated by commas. */
export interface Product {
  id: string;
  name: string;
  description?: string | null;
  metadata?: Readonly<Record<string, string>>;
  marketing_features?: readonly { name?: string }[];
  [field: string]: unknown;
}

/** A product that can be subscribed to, with its prices. */
export interface ProductWithPrices {
  product: Product;
  prices: Price[];
}

export interface SubscriptionItem {
  price: Price;
  current_period_end?: number;
  [field: string]: unknown;
}

/** The customer's subscription. Times are seconds since 1970. */
export interface Subscription {
  id: string;
  status: string;
  items: { data: SubscriptionItem[] };
  cancel_at?: number | null;
  cancel_at_period_end?: boolean;
  current_period_end?: number;
  trial_end?: number | null;
  [field: string]: unknown;
}

export interface SubscriptionData {
  products: ProductWithPrices[];
  subscription: Subscription | null;
  /** The payment provider could not be asked; this is the last answer that is known. */
  isStale: boolean;
}

/** The endpoint could not be reached, refused, or answered something else. */
export class SubscriptionError extends Error {
  override name = 'SubscriptionError';
  /** The HTTP status; null if there was no answer. */
  readonly status: number | null;

  constructor(message: string, status: number | null) {
    super(message);
    this.status = status;
  }

  /** Whether the same request may succeed later. */
  get isTemporary(): boolean {
    return this.status === null || this.status >= 500 || this.status === 429;
  }
}

/** Milliseconds until an unanswered request is given up. */
const LONGEST_WAIT = 20_000;

/** The requests of one endpoint. */
export class SubscriptionEndpoint {
  readonly #endpoint: string;
  readonly #fetch: typeof fetch;

  constructor(endpoint: string, send: typeof fetch) {
    this.#endpoint = endpoint;
    this.#fetch = send;
  }

  /** @throws SubscriptionError */
  async read(): Promise<SubscriptionData> {
    const response = await this.#ask('useSubscription', {});
    const answer = await jsonOf(response);
    if (!Array.isArray(answer['products'])) throw malformed(response);
    // A product without prices is null in the answers of some servers.
    const products = (answer['products'] as (ProductWithPrices | null)[]).filter((one) => one !== null);
    const subscription = (answer['subscription'] ?? null) as Subscription | null;
    return { products, subscription, isStale: answer['stale'] === true };
  }

  /**
   * The address of a page of the payment provider.
   *
   * @throws SubscriptionError
   */
  async pageFor(action: string, body: object): Promise<string> {
    const response = await this.#ask(action, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    const { url } = await jsonOf(response);
    if (typeof url !== 'string' || !isWebAddress(url)) throw malformed(response);
    return url;
  }

  async #ask(action: string, init: RequestInit): Promise<Response> {
    const separator = this.#endpoint.includes('?') ? '&' : '?';
    const address = `${this.#endpoint}${separator}action=${action}`;
    const response = await this.#fetch(address, { ...init, signal: AbortSignal.timeout(LONGEST_WAIT) }).catch(
      () => {
        throw new SubscriptionError('The subscription endpoint did not answer.', null);
      },
    );
    if (response.ok) return response;
    throw new SubscriptionError(`The subscription endpoint answered ${response.status}.`, response.status);
  }
}

async function jsonOf(response: Response): Promise<Record<string, unknown>> {
  const answer: unknown = await response.json().catch(() => null);
  if (typeof answer !== 'object' || answer === null || 'error' in answer) throw malformed(response);
  return answer as Record<string, unknown>;
}

function malformed(response: Response): SubscriptionError {
  return new SubscriptionError('The subscription endpoint answered something else.', response.status);
}

/** Whether a browser may be sent there: to https, or from a page without it to http. */
function isWebAddress(url: string): boolean {
  const protocols = ['https:', ...(location.protocol === 'http:' ? ['http:'] : [])];
  try {
    return protocols.includes(new URL(url).protocol);
  } catch {
    return false;
  }
}
