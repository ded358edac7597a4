// Settings of the instance that browsers are told.

export interface Attribute {
  readonly enabled: boolean;
  readonly required: boolean;
  readonly usedForFirstFactor: boolean;
  readonly firstFactors: readonly string[];
  readonly usedForSecondFactor: boolean;
  readonly secondFactors: readonly string[];
  readonly verifications: readonly string[];
  readonly verifyAtSignUp: boolean;
  readonly immutable?: boolean;
  readonly channels?: readonly string[];
}

export interface SocialProvider {
  readonly enabled: boolean;
  readonly authenticatable: boolean;
  readonly strategy: `oauth_${string}`;
  readonly name: string;
  readonly logoUrl: string | null;
}

export interface UserSettings {
  /** By the names of forms: `email_address`. */
  readonly attributes: Readonly<Record<string, Attribute>>;
  /** By strategy: `oauth_google`. */
  readonly social: Readonly<Record<string, SocialProvider>>;
  readonly signIn: { readonly secondFactor: { readonly required: boolean; readonly enabled: boolean } };
  readonly signUp: {
    readonly captchaEnabled: boolean;
    readonly captchaWidgetType: string;
    readonly progressive: boolean;
    readonly mode: 'public' | 'restricted' | 'waitlist';
    readonly legalConsentEnabled: boolean;
    readonly allowlistOnly?: boolean;
    readonly mfa?: { readonly required: boolean };
  };
  readonly passwordSettings: Readonly<Record<string, unknown>> & {
    readonly minLength: number;
    readonly maxLength: number;
  };
  readonly usernameSettings: { readonly minLength: number; readonly maxLength: number };
  readonly passkeySettings: { readonly allowAutofill: boolean; readonly showSignInButton: boolean };
  readonly actions: {
    readonly deleteSelf: boolean;
    readonly createOrganization: boolean;
    readonly createOrganizationsLimit: number | null;
  };
}

export interface DisplayConfig {
  readonly applicationName: string;
  readonly homeUrl: string;
  readonly signInUrl: string;
  readonly signUpUrl: string;
  readonly userProfileUrl: string;
  readonly organizationProfileUrl: string;
  readonly createOrganizationUrl: string;
  readonly waitlistUrl: string;
  readonly afterSignInUrl: string;
  readonly afterSignUpUrl: string;
  readonly afterSignOutOneUrl: string;
  readonly afterSignOutAllUrl: string;
  readonly logoImageUrl: string | null;
  readonly faviconImageUrl: string | null;
  readonly supportEmail: string | null;
  readonly privacyPolicyUrl: string | null;
  readonly termsUrl: string | null;
  readonly preferredSignInStrategy: 'password' | 'otp';
  readonly captchaPublicKey: string | null;
  readonly captchaPublicKeyInvisible: string | null;
  readonly captchaWidgetType: string | null;
  readonly captchaProvider: string | null;
  readonly captchaOauthBypass: readonly string[] | null;
  readonly googleOneTapClientId: string | null;
  readonly instanceEnvironmentType: 'development' | 'production';
  readonly [name: string]: unknown;
}

export interface Environment {
  readonly authConfig: {
    readonly singleSessionMode: boolean;
    readonly reverification: boolean;
    readonly preferredChannels?: Readonly<Record<string, string>> | null;
    readonly [name: string]: unknown;
  };
  readonly displayConfig: DisplayConfig;
  readonly userSettings: UserSettings;
  readonly organizationSettings: {
    readonly enabled: boolean;
    readonly maxAllowedMemberships: number;
    readonly actions: { readonly adminDelete: boolean };
    readonly forceOrganizationSelection?: boolean;
    readonly slug?: { readonly disabled: boolean };
    readonly [name: string]: unknown;
  };
  readonly apiKeysSettings?: {
    readonly enabled: boolean;
    readonly userApiKeysEnabled: boolean;
    readonly orgsApiKeysEnabled: boolean;
  };
  readonly maintenanceMode: boolean;
  readonly partitionedCookies?: boolean;
}
