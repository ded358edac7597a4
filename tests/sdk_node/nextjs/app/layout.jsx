import { ClerkProvider } from '@clerk/nextjs';

export const metadata = { title: 'Next.js with Greffier', icons: 'data:,' };

export default function RootLayout({ children }) {
  return (
    <ClerkProvider>
      <html lang="en">
        <body>{children}</body>
      </html>
    </ClerkProvider>
  );
}
