import { Show, SignInButton } from '@clerk/nextjs';

export default function Home() {
  return (
    <main>
      <h1>Public page</h1>
      <Show when="signed-out">
        <SignInButton />
      </Show>
      <Show when="signed-in">
        <p id="signed-in">A user is signed in.</p>
      </Show>
    </main>
  );
}
