// The options of the browser SDK that every account page has.
const loadClerk = (boot, options) =>
  window.Clerk.load({
    ui: { ClerkUI: window.__internal_ClerkUICtor },
    nonce: document.querySelector("script[nonce]").nonce,
    telemetry: false,
    signInUrl: location.origin + boot.signIn,
    signUpUrl: location.origin + boot.signUp,
    ...options,
  });
