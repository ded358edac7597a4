// The texts in English, which also say which texts there are.

export const english = {
  pricing: {
    label: 'Plans',
    loading: 'Loading plans',
    empty: 'There are no plans to choose from.',
    unavailable: 'The plans could not be loaded.',
    signedOut: 'Sign in to see the plans.',
    retry: 'Try again',
    intervals: 'Billing period',
    intervalNames: { day: 'Daily', week: 'Weekly', month: 'Monthly', year: 'Yearly' },
    per: {
      day: { one: 'per day', other: 'every {count} days' },
      week: { one: 'per week', other: 'every {count} weeks' },
      month: { one: 'per month', other: 'every {count} months' },
      year: { one: 'per year', other: 'every {count} years' },
    },
    priceAtCheckout: 'Price shown at checkout',
    current: 'Your plan',
    trialUntil: 'Trial until {date}',
    endsOn: 'Ends on {date}',
    overdue: 'A payment is overdue.',
    subscribe: 'Subscribe',
    change: 'Change plan',
    manage: 'Manage subscription',
    leaving: 'Taking you to the payment page',
    refused: 'This is not possible now. A payment may be open, or another person manages the plan.',
    failed: 'The payment page could not be opened. Please try again.',
  },
} as const;
