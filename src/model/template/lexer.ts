/** Go's text/template, first step: text into pieces, and the inside of an action into tokens. */
import { UsageError } from '../../errors.ts';

export type Piece =
  { readonly kind: 'text'; readonly text: string } | { readonly kind: 'action'; readonly tokens: Token[] };

export type Token =
  | { readonly kind: 'field' | 'variable' | 'word' | 'mark'; readonly text: string }
  | { readonly kind: 'literal'; readonly value: string | number };

const ACTION =
  /\{\{(- )?\s*(?:(\/\*[\s\S]*?\*\/)|((?:"(?:[^"\\]|\\.)*"|`[^`]*`|'(?:[^'\\]|\\.)*'|[^"`'])*?))\s*?( -)?\}\}/y;
const TOKEN =
  /\s*(?:(\.[A-Za-z_]\w*)|(\$\w*)|([A-Za-z_]\w*)|([+-]?(?:0[xX][\da-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?)(?!\w))|("(?:[^"\\]|\\.)*")|(`[^`]*`)|('(?:[^'\\]|\\.)+')|(:=|[|(),=.]))/y;

/**
 * Split a template at its actions; `{{- ` and ` -}}` eat the blanks beside them, comments vanish.
 *
 * @throws {UsageError} when an action is not closed or holds what no token begins with
 */
export function splitTemplate(template: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  let trimNext = false;
  while (at < template.length) {
    const open = template.indexOf('{{', at);
    const action = open < 0 ? null : matchAt(ACTION, template, open);
    if (open >= 0 && !action) {
      throw new UsageError(`the template "${inOneLine(template)}" has a "{{" that no "}}" closes`, { remedy: EXAMPLE });
    }
    let text = template.slice(at, open < 0 ? undefined : open);
    if (trimNext) text = text.trimStart();
    if (action?.[1] !== undefined) text = text.trimEnd();
    if (text !== '') pieces.push({ kind: 'text', text });
    if (!action) break;
    if (action[3] !== undefined) pieces.push({ kind: 'action', tokens: tokenize(action[3]) });
    trimNext = action[4] !== undefined;
    at = open + action[0].length;
  }
  return pieces;
}

/** What to write instead of a malformed template. */
export const EXAMPLE = "Write fields in double braces: --format '{{.ID}} {{.Names}}'";

/** A template as a sentence quotes it: with the escapes for line breaks and tabs that `--format` takes, and without the last one. */
export function inOneLine(template: string): string {
  return template.replace(/\n$/, '').replaceAll('\n', '\\n').replaceAll('\t', '\\t');
}

function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (source.slice(at).trim() !== '') {
    const match = matchAt(TOKEN, source, at);
    if (!match) {
      throw new UsageError(`"${inOneLine(source.slice(at).trim())}" cannot stand in a template`, { remedy: EXAMPLE });
    }
    const [whole, field, variable, word, number, quoted, raw, char, mark] = match;
    // A blank parts `.A .B`, two values, from `.A.B`, one.
    if (field !== undefined) tokens.push({ kind: 'field', text: field.slice(1) });
    if (field !== undefined && /^\s/.test(whole)) tokens.splice(-1, 0, { kind: 'mark', text: ' ' });
    if (variable !== undefined) tokens.push({ kind: 'variable', text: variable });
    if (word !== undefined) tokens.push({ kind: 'word', text: word });
    if (number !== undefined) tokens.push({ kind: 'literal', value: toNumber(number) });
    if (quoted !== undefined) tokens.push({ kind: 'literal', value: unquote(quoted) });
    if (raw !== undefined) tokens.push({ kind: 'literal', value: raw.slice(1, -1) });
    if (char !== undefined) tokens.push({ kind: 'literal', value: toCodePoint(char) });
    if (mark !== undefined) tokens.push({ kind: 'mark', text: mark });
    at += whole.length;
  }
  return tokens;
}

/** Go's literals: bases by prefix, `_` between digits. */
function toNumber(literal: string): number {
  const digits = literal.replaceAll('_', '').replace(/^\+/, '');
  return digits.startsWith('-') ? -Number(digits.slice(1)) : Number(digits);
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
};

function unquote(quoted: string): string {
  return quoted
    .slice(1, -1)
    .replace(/\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{3})|([^]))/g, (escape, ...groups) => {
      const [hex, short, long, octal, letter = ''] = groups as (string | undefined)[];
      const digits = hex ?? short ?? long;
      const code = digits === undefined ? parseInt(octal ?? '', 8) : parseInt(digits, 16);
      const text = code <= 0x10ffff ? String.fromCodePoint(code) : ESCAPES[letter];
      if (text !== undefined) return text;
      throw new UsageError(`${quoted} in a template is not a string: it holds the unknown escape "${escape}"`);
    });
}

function toCodePoint(quoted: string): number {
  const [char = '', ...more] = unquote(quoted);
  if (more.length === 0) return char.codePointAt(0) ?? 0;
  throw new UsageError(`${quoted} in a template is not one character`, {
    remedy: 'Write text in double quotes: "text"',
  });
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
