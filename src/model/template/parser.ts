/** Go's text/template, second step: tokens into a tree. */
import { UsageError } from '../../errors.ts';
import { isFunction, unknownFunction } from './functions.ts';
import { EXAMPLE, inOneLine, splitTemplate, type Piece, type Token } from './lexer.ts';

export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly pipeline: Pipeline }
  | {
      readonly kind: 'if' | 'with' | 'range';
      readonly pipeline: Pipeline;
      readonly body: Node[];
      readonly otherwise: Node[];
    }
  | { readonly kind: 'template'; readonly name: string; readonly pipeline: Pipeline | undefined }
  | { readonly kind: 'break' | 'continue' };

export interface Template {
  readonly nodes: readonly Node[];
  /** What `define` and `block` have named. */
  readonly named: ReadonlyMap<string, readonly Node[]>;
}

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
export function parseTemplate(template: string): Template {
  const named = new Map<string, readonly Node[]>();
  const { nodes, end } = parseNodes(splitTemplate(template), { template, named, variables: ['$'] });
  if (end) throw malformed(template, `"${end}" belongs to nothing`);
  return { nodes, named };
}

interface Context {
  readonly template: string;
  readonly named: Map<string, readonly Node[]>;
  /** Those that may be used from here on. */
  readonly variables: string[];
}

interface Parsed {
  readonly nodes: Node[];
  /** What ended the nodes; nothing when the template did. */
  readonly end?: 'end' | 'else';
  /** What stands after `else` in the same action: `if ..`. */
  readonly rest?: readonly Token[];
}

function parseNodes(pieces: Piece[], context: Context): Parsed {
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
        nodes.push(parseBlock(keyword, { tokens: rest, pieces, context }));
        break;
      case 'define':
      case 'block':
      case 'template':
        nodes.push(...parseNamed(keyword, { tokens: rest, pieces, context }));
        break;
      default:
        nodes.push({ kind: 'action', pipeline: new Reader(piece.tokens, context).readWhole() });
    }
  }
  return { nodes };
}

function splitKeyword([first, ...rest]: readonly Token[]): [keyword: string, rest: Token[]] {
  return [first?.kind === 'word' ? first.text : '', rest];
}

interface Opened {
  /** What stands behind the keyword. */
  readonly tokens: readonly Token[];
  /** What comes after the action. */
  readonly pieces: Piece[];
  readonly context: Context;
}

/** `define "X"`, `template "X" .` and `block "X" .`, which is both at once. */
function parseNamed(kind: 'define' | 'block' | 'template', { tokens, pieces, context }: Opened): Node[] {
  const { template, named } = context;
  const [name, ...rest] = tokens;
  if (name?.kind !== 'literal' || typeof name.value !== 'string') {
    throw malformed(template, `"${kind}" needs a name in double quotes`);
  }
  if (kind !== 'template') {
    const { nodes, end } = parseNodes(pieces, { ...context, variables: ['$'] });
    if (end !== 'end') throw malformed(template, `"${kind}" has no "end"`);
    named.set(name.value, nodes);
  }
  if (kind === 'define') return [];
  const pipeline = rest.length === 0 ? undefined : new Reader(rest, context).readWhole();
  return [{ kind: 'template', name: name.value, pipeline }];
}

/** Its variables end with it. */
function parseBlock(kind: 'if' | 'with' | 'range', { tokens, pieces, context: outside }: Opened): Node {
  const context = { ...outside, variables: [...outside.variables] };
  const { template } = context;
  const pipeline = new Reader(tokens, context).readWhole();
  const { nodes: body, end, rest = [] } = parseNodes(pieces, context);
  if (end === undefined) throw malformed(template, `"${kind}" has no "end"`);
  if (end === 'end') return { kind, pipeline, body, otherwise: [] };
  const [keyword, condition] = splitKeyword(rest);
  if (keyword === 'if' || keyword === 'with') {
    return { kind, pipeline, body, otherwise: [parseBlock(keyword, { tokens: condition, pieces, context })] };
  }
  const { nodes: otherwise, end: last } = parseNodes(pieces, context);
  if (last !== 'end' || rest.length > 0) throw malformed(template, `"${kind}" has no "end"`);
  return { kind, pipeline, body, otherwise };
}

/** Reads one action's tokens from the left. */
class Reader {
  readonly #tokens: Token[];
  readonly #template: string;
  readonly #variables: string[];

  constructor(tokens: readonly Token[], { template, variables }: Context) {
    this.#tokens = [...tokens];
    this.#template = template;
    this.#variables = variables;
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
    this.#variables.push(...variables);
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
        if (!this.#variables.includes(token.text)) throw unknownVariable(token.text);
        return { kind: 'variable', name: token.text, fields: this.#readFields() };
      case 'word':
        if (token.text === 'true' || token.text === 'false') {
          return { kind: 'literal', value: token.text === 'true', fields: [] };
        }
        if (token.text === 'nil') return { kind: 'literal', value: undefined, fields: [] };
        if (!isFunction(token.text)) throw unknownFunction(token.text);
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

/** What to say of a variable that is not there. */
export function unknownVariable(name: string): UsageError {
  return new UsageError(`the template has no variable "${name}"`, { remedy: 'Give it a value first: {{$x := .ID}}' });
}

function malformed(template: string, reason: string): UsageError {
  return new UsageError(`the template "${inOneLine(template)}" is malformed: ${reason}`, {
    remedy: EXAMPLE,
  });
}
