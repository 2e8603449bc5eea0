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
  /\s*(?:(\.[A-Za-z_]\w*)|(\$\w*)|([A-Za-z_]\w*)|(-?0x[\da-fA-F]+|[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?)|("(?:[^"\\]|\\.)*")|(`[^`]*`)|('(?:[^'\\]|\\.)')|(:=|[|(),=.]))/y;

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
    if (open >= 0 && !action) throw new UsageError(`the template "${template}" has a "{{" that no "}}" closes`);
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

function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (source.slice(at).trim() !== '') {
    const match = matchAt(TOKEN, source, at);
    if (!match) throw new UsageError(`"${source.slice(at).trim()}" cannot stand in a template`);
    const [whole, field, variable, word, number, quoted, raw, char, mark] = match;
    // A blank parts `.A .B`, two values, from `.A.B`, one.
    if (field !== undefined) tokens.push({ kind: 'field', text: field.slice(1) });
    if (field !== undefined && /^\s/.test(whole)) tokens.splice(-1, 0, { kind: 'mark', text: ' ' });
    if (variable !== undefined) tokens.push({ kind: 'variable', text: variable });
    if (word !== undefined) tokens.push({ kind: 'word', text: word });
    if (number !== undefined) tokens.push({ kind: 'literal', value: Number(number) });
    if (quoted !== undefined) tokens.push({ kind: 'literal', value: unquote(quoted) });
    if (raw !== undefined) tokens.push({ kind: 'literal', value: raw.slice(1, -1) });
    if (char !== undefined)
      tokens.push({ kind: 'literal', value: unquote(`"${char.slice(1, -1)}"`).codePointAt(0) ?? 0 });
    if (mark !== undefined) tokens.push({ kind: 'mark', text: mark });
    at += whole.length;
  }
  return tokens;
}

function unquote(quoted: string): string {
  try {
    return JSON.parse(quoted.replaceAll("\\'", "'").replaceAll('\t', '\\t')) as string;
  } catch {
    throw new UsageError(`${quoted} in a template is not a string: it holds an unknown escape`);
  }
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
