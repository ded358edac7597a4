"""The same steps by the published browser client and by ours: one line of each for one thing to do."""

FLOWS: dict[str, tuple[str, str]] = {
    "sign-up by a code": (
        """const up = await Clerk.client.signUp.create({ emailAddress: email, password });
        await up.prepareEmailAddressVerification({ strategy: "email_code" });
        const done = await up.attemptEmailAddressVerification({ code });
        await Clerk.setActive({ session: done.createdSessionId });""",
        """const { id } = await g.createSignUp(greffier, { emailAddress: email, password });
        await g.prepareVerification(greffier, id, { strategy: "email_code" });
        const done = await g.attemptVerification(greffier, id, { strategy: "email_code", code });
        await greffier.setActive({ session: done.createdSessionId });""",
    ),
    "change of the name": (
        """await Clerk.user.update({ firstName: "Ada" });""",
        """await g.updateUser(greffier, { firstName: "Ada" });""",
    ),
    "token of a template": (
        """await Clerk.session.getToken({ template: "hasura" });""",
        """await greffier.getToken({ template: "hasura" });""",
    ),
    "token without the cache": (
        """await Clerk.session.getToken({ skipCache: true });""",
        """await greffier.getToken({ skipCache: true });""",
    ),
    "organization": (
        """const made = await Clerk.createOrganization({ name: "Acme" });
        await Clerk.setActive({ organization: made.id });""",
        """const made = await g.createOrganization(greffier, { name: "Acme" });
        await greffier.setActive({ organization: made.id });""",
    ),
    "sign-out": (
        """await Clerk.signOut(() => undefined);""",
        """await greffier.signOut();""",
    ),
    "sign-in by password": (
        """const done = await Clerk.client.signIn.create({ identifier: email, password });
        await Clerk.setActive({ session: done.createdSessionId });
        await Clerk.signOut(() => undefined);""",
        """const done = await g.createSignIn(greffier, { identifier: email, password });
        await greffier.setActive({ session: done.createdSessionId });
        await greffier.signOut();""",
    ),
    "sign-in by a code": (
        """const begun = await Clerk.client.signIn.create({ identifier: email });
        const { emailAddressId } = begun.supportedFirstFactors.find((one) => one.strategy === "email_code");
        await begun.prepareFirstFactor({ strategy: "email_code", emailAddressId });
        const done = await begun.attemptFirstFactor({ strategy: "email_code", code });
        await Clerk.setActive({ session: done.createdSessionId });
        await Clerk.signOut(() => undefined);""",
        """const begun = await g.createSignIn(greffier, { identifier: email });
        const { emailAddressId } = begun.supportedFirstFactors.find((one) => one.strategy === "email_code");
        await g.prepareFirstFactor(greffier, begun.id, { strategy: "email_code", emailAddressId });
        const done = await g.attemptFirstFactor(greffier, begun.id, { strategy: "email_code", code });
        await greffier.setActive({ session: done.createdSessionId });
        await greffier.signOut();""",
    ),
    "reset of the password": (
        """const begun = await Clerk.client.signIn.create({
          strategy: "reset_password_email_code", identifier: email });
        await begun.attemptFirstFactor({ strategy: "reset_password_email_code", code });
        const done = await begun.resetPassword({ password: password + "2" });
        await Clerk.setActive({ session: done.createdSessionId });
        await Clerk.signOut(() => undefined);""",
        """const begun = await g.createSignIn(greffier, {
          strategy: "reset_password_email_code", identifier: email });
        await g.attemptFirstFactor(greffier, begun.id, { strategy: "reset_password_email_code", code });
        const done = await g.resetPassword(greffier, begun.id, { password: password + "2" });
        await greffier.setActive({ session: done.createdSessionId });
        await greffier.signOut();""",
    ),
    "going to another site": (
        """await Clerk.client.signIn.create({ strategy: "oauth_google", redirectUrl: location.href,
          actionCompleteRedirectUrl: location.href });""",
        """await g.signInUrl(greffier, { strategy: "oauth_google", redirectUrl: location.href,
          actionCompleteRedirectUrl: location.href });""",
    ),
}
