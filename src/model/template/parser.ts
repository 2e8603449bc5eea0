/** Go's text/template, second step: tokens into a tree. */
import { UsageError } from '../../errors.ts';
import { splitTemplate, type Piece, type Token } from './lexer.ts';

export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly pipeline: Pipeline }
  | {
      readonly kind: 'if' | 'with' | 'range';
      readonly pipeline: Pipeline;
      readonly body: Node[];
      readonly otherwise: Node[];
    }
  | { readonly kind: 'break' | 'continue' };

export interface Pipeline {
  /** `$x := ..`, `$i, $x := ..`, `$x = ..` */
  readonly variables: readonly string[];
  readonly declares: boolean;
  /** Each is a value, or a function and its arguments. */
  readonly commands: readonly (readonly Operand[])[];
}

export type Operand = { readonly fields: readonly string[] } & (
  | { readonly kind: 'literal'; readonly value: unknown }
  | { readonly kind: 'dot' }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'function'; readonly name: string }
  | { readonly kind: 'pipeline'; readonly pipeline: Pipeline }
);

/** @throws {UsageError} when the template is malformed */
export function parseTemplate(template: string): Node[] {
  const pieces = splitTemplate(template);
  const { nodes, end } = parseNodes(pieces, template);
  if (end) throw malformed(template, `"${end}" belongs to nothing`);
  return nodes;
}

interface Parsed {
  readonly nodes: Node[];
  /** What ended the nodes; nothing when the template did. */
  readonly end?: 'end' | 'else';
  /** What stands after `else` in the same action: `if ..`. */
  readonly rest?: readonly Token[];
}

function parseNodes(pieces: Piece[], template: string): Parsed {
  const nodes: Node[] = [];
  for (let piece = pieces.shift(); piece; piece = pieces.shift()) {
    if (piece.kind === 'text') {
      nodes.push(piece);
      continue;
    }
    const [keyword, rest] = splitKeyword(piece.tokens);
    switch (keyword) {
      case 'end':
        return { nodes, end: 'end' };
      case 'else':
        return { nodes, end: 'else', rest };
      case 'break':
      case 'continue':
        nodes.push({ kind: keyword });
        break;
      case 'if':
      case 'with':
      case 'range':
        nodes.push(parseBlock(keyword, rest, pieces, template));
        break;
      case 'define':
      case 'template':
      case 'block':
        throw malformed(template, `"${keyword}" has no place in an output format`);
      default:
        nodes.push({ kind: 'action', pipeline: new Reader(piece.tokens, template).readWhole() });
    }
  }
  return { nodes };
}

function splitKeyword([first, ...rest]: readonly Token[]): [keyword: string, rest: Token[]] {
  return [first?.kind === 'word' ? first.text : '', rest];
}

function parseBlock(kind: 'if' | 'with' | 'range', tokens: readonly Token[], pieces: Piece[], template: string): Node {
  const pipeline = new Reader(tokens, template).readWhole();
  const { nodes: body, end, rest = [] } = parseNodes(pieces, template);
  if (end === undefined) throw malformed(template, `"${kind}" has no "end"`);
  if (end === 'end') return { kind, pipeline, body, otherwise: [] };
  const [keyword, condition] = splitKeyword(rest);
  if (keyword === 'if' || keyword === 'with') {
    return { kind, pipeline, body, otherwise: [parseBlock(keyword, condition, pieces, template)] };
  }
  const { nodes: otherwise, end: last } = parseNodes(pieces, template);
  if (last !== 'end' || rest.length > 0) throw malformed(template, `"${kind}" has no "end"`);
  return { kind, pipeline, body, otherwise };
}

/** Reads one action's tokens from the left. */
class Reader {
  readonly #tokens: Token[];
  readonly #template: string;

  constructor(tokens: readonly Token[], template: string) {
    this.#tokens = [...tokens];
    this.#template = template;
  }

  readWhole(): Pipeline {
    const pipeline = this.#readPipeline();
    if (this.#tokens.length > 0) throw malformed(this.#template, 'a ")" closes nothing');
    return pipeline;
  }

  #readPipeline(): Pipeline {
    const { variables, declares } = this.#readTargets();
    const commands: Operand[][] = [];
    do {
      const command: Operand[] = [];
      for (let operand = this.#readOperand(); operand; operand = this.#readOperand()) command.push(operand);
      if (command.length === 0) throw malformed(this.#template, 'a value is missing');
      commands.push(command);
    } while (this.#take('|'));
    return { variables, declares, commands };
  }

  #readTargets(): { variables: string[]; declares: boolean } {
    const sign = this.#tokens.findIndex(
      (token) => token.kind === 'mark' && (token.text === ':=' || token.text === '='),
    );
    if (sign < 0) return { variables: [], declares: false };
    const head = this.#tokens.splice(0, sign + 1);
    const variables = head.flatMap((token) => (token.kind === 'variable' ? [token.text] : []));
    const mark = head.at(-1);
    return { variables, declares: mark?.kind === 'mark' && mark.text === ':=' };
  }

  #readOperand(): Operand | undefined {
    this.#take(' ');
    const token = this.#tokens[0];
    if (!token || (token.kind === 'mark' && [')', '|'].includes(token.text))) return undefined;
    this.#tokens.shift();
    switch (token.kind) {
      case 'literal':
        return { kind: 'literal', value: token.value, fields: [] };
      case 'field':
        return { kind: 'dot', fields: [token.text, ...this.#readFields()] };
      case 'variable':
        return { kind: 'variable', name: token.text, fields: this.#readFields() };
      case 'word':
        if (token.text === 'true' || token.text === 'false') {
          return { kind: 'literal', value: token.text === 'true', fields: [] };
        }
        if (token.text === 'nil') return { kind: 'literal', value: undefined, fields: [] };
        return { kind: 'function', name: token.text, fields: [] };
      case 'mark': {
        if (token.text === '.') return { kind: 'dot', fields: [] };
        if (token.text !== '(') throw malformed(this.#template, `"${token.text}" stands where a value should`);
        const pipeline = this.#readPipeline();
        if (!this.#take(')')) throw malformed(this.#template, 'a "(" is not closed');
        return { kind: 'pipeline', pipeline, fields: this.#readFields() };
      }
    }
  }

  #readFields(): string[] {
    const fields: string[] = [];
    for (let token = this.#tokens[0]; token?.kind === 'field'; token = this.#tokens[0]) {
      fields.push(token.text);
      this.#tokens.shift();
    }
    return fields;
  }

  #take(mark: string): boolean {
    const token = this.#tokens[0];
    if (token?.kind !== 'mark' || token.text !== mark) return false;
    this.#tokens.shift();
    return true;
  }
}

function malformed(template: string, reason: string): UsageError {
  return new UsageError(`the template "${template}" is malformed: ${reason}`, {
    remedy: "Write fields in double braces: --format '{{.ID}} {{.Names}}'",
  });
}
