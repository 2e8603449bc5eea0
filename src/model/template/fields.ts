/** Go's text/template: a field that no data will have is refused before there is any. */
import { UsageError } from '../../errors.ts';
import type { Node, Operand, Pipeline, Template } from './parser.ts';

/** What is known of data that is not there yet: the fields of a record, what a list is made of; undefined: nothing. */
export type Shape = { readonly fields: readonly string[] } | { readonly items: Shape } | undefined;

/**
 * Refuse a template that cannot be evaluated, whatever the data are.
 *
 * What a condition, a loop or "and" may pass over is left to the evaluation, as is what may have any fields.
 *
 * @throws {UsageError} when it asks for a field that there is not
 */
export function checkFields(template: Template, data: Shape): void {
  new Checker(template, data).check(template.nodes, { dot: data, isCertain: true });
}

/** What to say of a field that a record does not have. */
export function unknownField(name: string, fields: readonly string[]): UsageError {
  return new UsageError(`there is no field "${name}"`, { remedy: `The fields are: ${[...fields].sort().join(', ')}` });
}

interface Place {
  readonly dot: Shape;
  /** Every evaluation with data comes here. */
  readonly isCertain: boolean;
}

/** Goes where the evaluator may go, with shapes in place of values. */
class Checker {
  readonly #template: Template;
  /** Innermost last. */
  readonly #scopes: Map<string, Shape>[];
  /** Names of the templates that have led here. */
  readonly #callers: readonly string[];

  constructor(template: Template, data: Shape, callers: readonly string[] = []) {
    this.#template = template;
    this.#scopes = [new Map([['$', data]])];
    this.#callers = callers;
  }

  /** @returns whether a loop around the nodes may be left here */
  check(nodes: readonly Node[], { dot, isCertain }: Place): boolean {
    let mayLeave = false;
    for (const node of nodes) {
      const leaves = this.#checkNode(node, { dot, isCertain: isCertain && !mayLeave });
      mayLeave ||= leaves;
    }
    return mayLeave;
  }

  #checkNode(node: Node, place: Place): boolean {
    switch (node.kind) {
      case 'text':
        return false;
      case 'break':
      case 'continue':
        return true;
      case 'action':
        this.#run(node.pipeline, place);
        return false;
      case 'if':
      case 'with':
        return this.#scoped(() => {
          const shape = this.#run(node.pipeline, place);
          const isTrue = shape !== undefined && 'fields' in shape;
          const dot = node.kind === 'with' ? shape : place.dot;
          const leaves = this.check(node.body, { dot, isCertain: place.isCertain && isTrue });
          return this.check(node.otherwise, { dot: place.dot, isCertain: false }) || leaves;
        });
      case 'range':
        this.#checkLoop(node, place);
        return this.#scoped(() => this.check(node.otherwise, { dot: place.dot, isCertain: false }));
      case 'template':
        return this.#checkCall(node.name, {
          dot: node.pipeline === undefined ? undefined : this.#shapeOf(node.pipeline, place),
          isCertain: place.isCertain,
        });
    }
  }

  #checkLoop({ pipeline, body }: Extract<Node, { body: Node[] }>, place: Place): void {
    const list = this.#shapeOf(pipeline, place);
    const isList = list !== undefined && 'items' in list;
    const dot = isList ? list.items : undefined;
    this.#scoped((scope) => {
      for (const name of pipeline.variables) scope.set(name, undefined);
      const last = pipeline.variables.at(-1);
      if (last !== undefined) scope.set(last, dot);
      this.check(body, { dot, isCertain: place.isCertain && isList });
    });
  }

  #checkCall(name: string, place: Place): boolean {
    const nodes = this.#template.named.get(name);
    if (!nodes || this.#callers.includes(name)) return false;
    return new Checker(this.#template, place.dot, [...this.#callers, name]).check(nodes, place);
  }

  #scoped<T>(body: (scope: Map<string, Shape>) => T): T {
    const scope = new Map<string, Shape>();
    this.#scopes.push(scope);
    try {
      return body(scope);
    } finally {
      this.#scopes.pop();
    }
  }

  /** A variable that is given another value may have either afterwards. */
  #run(pipeline: Pipeline, place: Place): Shape {
    const shape = this.#shapeOf(pipeline, place);
    const [name] = pipeline.variables;
    if (name === undefined) return shape;
    if (pipeline.declares) this.#scopes.at(-1)?.set(name, shape);
    else this.#scopeOf(name)?.set(name, undefined);
    return shape;
  }

  #scopeOf(variable: string): Map<string, Shape> | undefined {
    return this.#scopes.findLast((scope) => scope.has(variable));
  }

  /** Of the value alone: what a function or a method gives may be anything. */
  #shapeOf({ commands }: Pipeline, place: Place): Shape {
    const shapes = commands.map(([first, ...args]) => {
      const shape = first && this.#operand(first, place);
      const stopsEarly = first?.kind === 'function' && (first.name === 'and' || first.name === 'or');
      for (const [n, arg] of args.entries()) {
        this.#operand(arg, { ...place, isCertain: place.isCertain && !(stopsEarly && n > 0) });
      }
      return args.length === 0 ? shape : undefined;
    });
    return shapes.length === 1 ? shapes[0] : undefined;
  }

  #operand(operand: Operand, place: Place): Shape {
    switch (operand.kind) {
      case 'literal':
      case 'function':
        return undefined;
      case 'dot':
        return fieldOf(place.dot, operand.fields, place);
      case 'variable':
        return fieldOf(this.#scopeOf(operand.name)?.get(operand.name), operand.fields, place);
      case 'pipeline':
        return fieldOf(this.#shapeOf(operand.pipeline, place), operand.fields, place);
    }
  }
}

/** What a field is made of is not known. */
function fieldOf(shape: Shape, [name]: readonly string[], { isCertain }: Place): Shape {
  if (name === undefined) return shape;
  if (isCertain && shape !== undefined && 'fields' in shape && !shape.fields.includes(name)) {
    throw unknownField(name, shape.fields);
  }
  return undefined;
}
