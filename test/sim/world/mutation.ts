/** Deliberate defects of a site. The checkers must catch each of them, or they check nothing. */
export const mutations = [
  'answers before it stores',
  'lets a fenced session write',
  'loses the newest commits in a crash',
  'says yes to a full disk',
  'takes entries unproven',
  'forgets a follower’s position',
  'sends past the window',
  'leaves out an entry',
  'never dials again',
] as const;

export type Mutation = (typeof mutations)[number];
