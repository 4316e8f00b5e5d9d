import type { Language } from './errors.ts';

/** A text for people, in both languages. */
export interface Text {
  readonly en: string;
  readonly zh: string;
}

/** TONGBU_LANG decides, then the locale; Chinese wherever the locale says zh. */
export function languageOf(environment: Readonly<Record<string, string | undefined>>): Language {
  const names = ['TONGBU_LANG', 'LC_ALL', 'LC_MESSAGES', 'LANG'];
  const wanted = names.map((name) => environment[name]).find((value) => value !== undefined && value !== '');
  return wanted?.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}
