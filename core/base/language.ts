import type { Language } from './errors.ts';

/** A text for people, in both languages. */
export interface Text {
  readonly en: string;
  readonly zh: string;
}

/** TONGBU_LANG decides, then the locale; Chinese wherever the locale says zh. */
export function languageOf(environment: Readonly<Record<string, string | undefined>>): Language {
  const wanted = environment['TONGBU_LANG'] || environment['LC_ALL'] || environment['LC_MESSAGES'] || environment['LANG'];
  return wanted?.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}
