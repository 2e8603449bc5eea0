/** Go's text/template, third step: the tree and the data into text. */
import { UsageError } from '../../errors.ts';
import { checkFields, unknownField, type Shape } from './fields.ts';
import { callFunction, isTruth } from './functions.ts';
import { parseTemplate, unknownVariable, type Node, type Operand, type Pipeline, type Template } from './parser.ts';
import { print } from './print.ts';

/** Templates that use each other, innermost. */
const MOST_CALLS = 1000;

/**
 * Prepare a template, to be used for one row after another.
 *
 * @param shape what is known of the data already
 * @throws {UsageError} when it is malformed or asks for what no such data has, or, later, for what the data does not have
 */
export function compileTemplate(template: string, shape?: Shape): Render {
  const parsed = parseTemplate(template);
  checkFields(parsed, shape);
  return (data, begin) => {
    const written: string[] = [];
    try {
      new Evaluator(data, parsed, written).evaluate(parsed.nodes, data);
    } catch (error) {
      begin?.(written.join(''));
      throw error;
    }
    return written.join('');
  };
}

/** Data into text; where the data ends it half way, `begin` gets what there is of the text before the error is thrown. */
export type Render = (data: unknown, begin?: (text: string) => void) => string;

/** How a loop is left. */
class Leave extends UsageError {
  readonly how: 'break' | 'continue';

  constructor(how: 'break' | 'continue') {
    super(`"${how}" outside of a range`);
    this.how = how;
  }
}

class Evaluator {
  /** Innermost last. */
  readonly #scopes: Map<string, unknown>[];
  readonly #template: Template;
  readonly #written: string[];
  readonly #depth: number;

  constructor(data: unknown, template: Template, written: string[], depth = 0) {
    this.#scopes = [new Map([['$', data]])];
    this.#template = template;
    this.#written = written;
    this.#depth = depth;
  }

  evaluate(nodes: readonly Node[], dot: unknown): void {
    for (const node of nodes) this.#evaluateNode(node, dot);
  }

  #evaluateNode(node: Node, dot: unknown): void {
    switch (node.kind) {
      case 'text':
        this.#written.push(node.text);
        return;
      case 'break':
      case 'continue':
        throw new Leave(node.kind);
      case 'action': {
        const value = this.#run(node.pipeline, dot);
        if (node.pipeline.variables.length === 0) this.#written.push(print(value));
        return;
      }
      case 'if':
      case 'with':
        this.#scoped(() => {
          const value = this.#run(node.pipeline, dot);
          if (isTruth(value)) this.evaluate(node.body, node.kind === 'with' ? value : dot);
          else this.evaluate(node.otherwise, dot);
        });
        return;
      case 'range':
        this.#range(node, dot);
        return;
      case 'template':
        this.#callTemplate(node.name, node.pipeline === undefined ? undefined : this.#value(node.pipeline, dot));
    }
  }

  /** It sees the value alone, and none of the variables here. */
  #callTemplate(name: string, dot: unknown): void {
    const nodes = this.#template.named.get(name);
    if (!nodes)
      throw new UsageError(`there is no template "${name}"`, { remedy: 'Define it: {{define "X"}}..{{end}}' });
    if (this.#depth === MOST_CALLS) throw new UsageError(`the template "${name}" uses itself without an end`);
    new Evaluator(dot, this.#template, this.#written, this.#depth + 1).evaluate(nodes, dot);
  }

  #range(node: Extract<Node, { pipeline: Pipeline; body: Node[] }>, dot: unknown): void {
    const entries = entriesOf(this.#value(node.pipeline, dot));
    if (entries.length === 0) this.#scoped(() => this.evaluate(node.otherwise, dot));
    const names = node.pipeline.variables;
    for (const [key, value] of entries) {
      try {
        this.#scoped((scope) => {
          if (names.length > 1) scope.set(names[0] ?? '', key);
          const last = names.at(-1);
          if (last !== undefined) scope.set(last, value);
          this.evaluate(node.body, value);
        });
      } catch (error) {
        if (!(error instanceof Leave)) throw error;
        if (error.how === 'break') break;
      }
    }
  }

  #scoped(body: (scope: Map<string, unknown>) => void): void {
    const scope = new Map<string, unknown>();
    this.#scopes.push(scope);
    try {
      body(scope);
    } finally {
      this.#scopes.pop();
    }
  }

  /** The value of a pipeline, kept in its variable if it has one. */
  #run(pipeline: Pipeline, dot: unknown): unknown {
    const value = this.#value(pipeline, dot);
    const [name] = pipeline.variables;
    if (name === undefined) return value;
    const scope = pipeline.declares ? this.#scopes.at(-1) : this.#scopes.findLast((candidate) => candidate.has(name));
    if (!scope) throw unknownVariable(name);
    scope.set(name, value);
    return value;
  }

  #value({ commands }: Pipeline, dot: unknown): unknown {
    let piped: unknown[] = [];
    for (const [first, ...rest] of commands) {
      if (!first) continue;
      const args = [...rest.map((operand) => () => this.#operand(operand, dot)), ...piped.map((value) => () => value)];
      piped = [first.kind === 'function' ? callFunction(first.name, args) : this.#method(first, args, dot)];
    }
    return piped[0];
  }

  /** A value; with arguments it has to be a function among the data. */
  #method(operand: Operand, args: readonly (() => unknown)[], dot: unknown): unknown {
    const value = this.#operand(operand, dot);
    if (typeof value === 'function') return (value as (...values: unknown[]) => unknown)(...args.map((arg) => arg()));
    if (args.length > 0) {
      const name = operand.kind === 'literal' ? print(operand.value) : operand.fields.join('.');
      throw new UsageError(`a template gives arguments to "${name}", which takes none`);
    }
    return value;
  }

  #operand(operand: Operand, dot: unknown): unknown {
    switch (operand.kind) {
      case 'literal':
        return operand.value;
      case 'dot':
        return fieldsOf(dot, operand.fields);
      case 'variable': {
        const scope = this.#scopes.findLast((candidate) => candidate.has(operand.name));
        if (!scope) throw unknownVariable(operand.name);
        return fieldsOf(scope.get(operand.name), operand.fields);
      }
      case 'pipeline':
        return fieldsOf(this.#value(operand.pipeline, dot), operand.fields);
      case 'function':
        return callFunction(operand.name, []);
    }
  }
}

function fieldsOf(value: unknown, fields: readonly string[]): unknown {
  return fields.reduce(fieldOf, value);
}

/**
 * A member of a record or a map. Records have the fields of a Go struct, which begin with a capital; anything else is a
 * map, where an absent key has no value, nor what is below it. Null is a pointer that points nowhere.
 */
function fieldOf(value: unknown, name: string): unknown {
  if (value === undefined) return undefined;
  if (value === null) {
    throw new UsageError(`a template asks for the field "${name}" of what is not there`, {
      remedy: 'Ask first whether it is there: {{with .State.Health}}{{.Status}}{{end}}',
    });
  }
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw new UsageError(`a template asks for the field "${name}" of "${print(value)}", which has none`);
  }
  if (Object.hasOwn(value, name)) return (value as Record<string, unknown>)[name];
  const names = Object.getOwnPropertyNames(value).filter((key) => key !== 'toString' && key !== 'toJSON');
  if (names.length === 0 || !names.every((key) => /^[A-Z]/.test(key))) return undefined;
  throw unknownField(name, names);
}

function entriesOf(value: unknown): (readonly [unknown, unknown])[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return [...(value as unknown[]).entries()];
  if (typeof value === 'number') return Array.from({ length: value }, (_, index) => [index, index] as const);
  if (typeof value === 'object') return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  throw new UsageError(`a template cannot range over "${print(value)}"`);
}
