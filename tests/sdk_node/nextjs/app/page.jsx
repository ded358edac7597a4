export default function Home() {
  return <h1>Public page</h1>;
}
