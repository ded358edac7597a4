import { auth } from '@clerk/nextjs/server';

export default async function Protected() {
  const { userId } = await auth();
  return (
    <main>
      <h1>Protected page</h1>
      <p id="user">{userId}</p>
    </main>
  );
}
