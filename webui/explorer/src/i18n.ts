/** The explorer's words in English and Chinese. Labels and relationship types fall back to their schema name. */
import { EN, type Word } from "./words/en";
import { ZH } from "./words/zh";

export type { Word };

/** The schema's words as the page hands them over (webui/explorer_words.py), so that a name is the same on every page. */
export interface Names {
  /** Labels, roles, properties and, where Cypher's are not shown, relationships. */
  readonly names: Readonly<Record<string, string>>;
  /** Values of a known vocabulary, as `property:value`. */
  readonly values: Readonly<Record<string, string>>;
}
const NONE: Names = { names: {}, values: {} };

/** What the page says; nothing where it says nothing that can be read. */
export function namesIn(text: string): Names {
  try {
    return { ...NONE, ...(JSON.parse(text) as Partial<Names>) };
  } catch {
    return NONE;
  }
}

export interface Words {
  readonly language: "en" | "zh";
  readonly given: Names;
  (word: Word, values?: Readonly<Record<string, string | number>>): string;
}

export function wordsFor(language: string, given: Names = NONE): Words {
  const chosen = language.toLowerCase().startsWith("zh") ? "zh" : "en";
  const catalogue: Record<Word, string> = chosen === "zh" ? ZH : EN;
  const say = (word: Word, values: Readonly<Record<string, string | number>> = {}) =>
    catalogue[word].replace(/\{(\w+)(?::([^:}]+):([^:}]+))?\}/g, (_all, name: string, single?: string, many?: string) => {
      const value = String(values[name] ?? "");
      return single === undefined ? value : `${value} ${value === "1" ? single : many}`;
    });
  return Object.assign(say, { language: chosen, given } as const);
}

/** A schema name (label, relationship type, property, role) in the reader's language; an unknown one as plain words. */
export function schemaName(words: Words, name: string): string {
  return words.given.names[name] ?? (/^[A-Z]/.test(name) ? name : name.replace(/_/g, " "));
}

/** A stored value in words where its property has a known vocabulary, else as it is. */
export function storedValue(words: Words, property: string, value: string): string {
  return words.given.values[`${property}:${value}`] ?? value;
}

export const CATALOGUES = { en: EN as Record<string, string>, zh: ZH as Record<string, string> };
