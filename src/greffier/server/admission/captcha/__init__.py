"""Bot protection: a CAPTCHA before a sign-up begins."""
