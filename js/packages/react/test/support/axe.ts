import axe from 'axe-core';

/** What axe finds wrong, rule by rule with the elements. The page around components is not theirs. */
export async function findings(container: Element): Promise<string[]> {
  const { violations } = await axe.run(container, { rules: { region: { enabled: false } } });
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}
