/** `--format` and `--noheading` of the commands that list things. */
import { UsageError } from '../errors.ts';
import type { Shape } from '../model/template/fields.ts';
import { UnfinishedOutput } from './output.ts';
import { formatTable } from './table.ts';

/** By name, what is shown of a row. */
export type Fields<Row> = Readonly<Record<string, (row: Row) => unknown>>;

/** How rows of one kind are shown. */
export interface View<Row> {
  /** Podman's table, by default. */
  readonly columns: readonly { readonly heading: string; readonly cell: (row: Row) => string }[];
  /** What `{{.Field}}` finds. */
  readonly fields: Fields<Row>;
  /** Headings of fields that are not the field's name in capitals: `ID` is `CONTAINER ID`. */
  readonly headings?: Readonly<Record<string, string>>;
  /** What `--format json` prints for a row. */
  readonly json: (row: Row) => unknown;
}

export interface FormatOptions {
  /** `json`, `table ..` or a Go template; missing: the table. */
  readonly format?: string | undefined;
  readonly noHeading?: boolean;
}

/**
 * Show rows as the user asked for.
 *
 * @throws {UsageError} when the template is malformed or asks for what there is not
 */
export async function formatRows<Row>(
  rows: readonly Row[],
  view: View<Row>,
  { format = 'table', noHeading = false }: FormatOptions,
): Promise<string> {
  if (isJsonFormat(format)) {
    return `${JSON.stringify(rows.map(view.json), null, 2)}\n`;
  }
  if (format === 'table' || format === '') {
    const body = rows.map((row) => view.columns.map(({ cell }) => cell(row)));
    return formatTable(noHeading ? body : [view.columns.map(({ heading }) => heading), ...body]);
  }
  return await formatEach(
    rows.map((row) => fieldValues(row, view.fields)),
    format,
    { shape: shapeOf(view.fields), ...(noHeading ? {} : { heading: headingsOf(view) }) },
  );
}

/** `json`, or the template that does the same. */
export function isJsonFormat(format: string): boolean {
  return /^(?:json|\{\{\s*json\s*\.?\s*\}\})$/.test(format);
}

export interface EachOptions {
  /** What is known of each value already. */
  readonly shape?: Shape;
  /** What a table shows first, in place of a value. */
  readonly heading?: unknown;
}

/**
 * Show values through a template, each or as it goes through them itself; after `table` in columns.
 *
 * @throws {UsageError} when the template is malformed or asks for what there is not
 */
export async function formatEach(
  values: readonly unknown[],
  format: string,
  { shape, heading }: EachOptions = {},
): Promise<string> {
  const isTable = /^table\s/.test(format);
  const goesThrough = RANGE.test(format);
  const evaluate = await compileLine(isTable ? tabulate(format) : format, goesThrough ? { items: shape } : shape);
  const parts = isTable && heading !== undefined ? [[heading], values] : [values];
  const show = isTable ? inColumns : (text: string) => text;
  let text = '';
  for (const part of goesThrough ? parts : parts.flat()) {
    try {
      text += evaluate(part);
    } catch (error) {
      throw error instanceof UnfinishedOutput ? new UnfinishedOutput(show(text + error.begun), error) : error;
    }
  }
  return show(text);
}

/** Lines whose cells are parted by tabs. */
function inColumns(text: string): string {
  if (text === '') return '';
  const lines = text.replace(/\n$/, '').split('\n');
  return formatTable(lines.map((line) => line.split('\t')));
}

/** What templates know of a row before there is one. */
export function shapeOf<Row>(fields: Fields<Row>): Shape {
  return { fields: Object.keys(fields) };
}

/** All fields of a row. */
export function fieldValues<Row>(row: Row, fields: Fields<Row>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, valueOf]) => [name, valueOf(row)]));
}

/** A template that goes through the rows itself, as Podman's may: with its first action, where the dot is all of them. */
const RANGE = /^[^{]*\{\{-?\s*range\s+(?:(?:\$\w+\s*,\s*)?\$\w+\s*:=\s*)?\.\s*-?\}\}/;

/** Between the fields of a table blanks are as good as tabs: Podman's `table {{.ID}} {{.Names}}`. */
function tabulate(format: string): string {
  const parts = format.replace(/^table\s+/, '').split(/(\{\{[^]*?\}\})/);
  return parts.map((part, n) => (n % 2 === 0 ? part.replaceAll(' ', '\t') : part)).join('');
}

/**
 * Show one thing: JSON as Podman indents it, or through a template.
 *
 * @throws {UsageError} when the template is malformed or asks for what there is not
 */
export async function formatValue(value: unknown, format: string | undefined): Promise<string> {
  if (format === undefined || format === 'json' || format === '') return `${JSON.stringify(value, null, 5)}\n`;
  const shape = value instanceof Object && !Array.isArray(value) ? { fields: Object.keys(value) } : undefined;
  return (await compileLine(format, shape))(value);
}

/**
 * What makes a line of each of many things.
 *
 * @param shape what is known of the things already
 * @throws {UsageError} when the template is malformed or asks for what there is not; then with what is made until there
 */
export async function compileLine(format: string, shape?: Shape): Promise<(value: unknown) => string> {
  const { compileTemplate } = await import('../model/template/evaluator.ts');
  const template = unescape(format);
  const render = compileTemplate(template.endsWith('\n') ? template : `${template}\n`, shape);
  return (value) => {
    let begun = '';
    try {
      return render(value, (text) => (begun = text));
    } catch (error) {
      throw error instanceof UsageError ? new UnfinishedOutput(begun, error) : error;
    }
  };
}

/** A template for `inspect`, which takes other names for some fields, as Podman's does. */
export function normalizeFields(format: string): string {
  return format
    .replace(/\.ID\b/g, '.Id')
    .replace(/\.Src\b/g, '.Source')
    .replace(/\.Dst\b/g, '.Destination')
    .replace(/\.ImageID\b/g, '.Image');
}

/** A shell passes `\t` and `\n` as they are. */
function unescape(format: string): string {
  return format.replaceAll('\\t', '\t').replaceAll('\\n', '\n');
}

/** `CreatedAt` is `CREATED AT`. */
function headingsOf<Row>({ fields, headings = {} }: View<Row>): Record<string, string> {
  const heading = (name: string) => headings[name] ?? name.replace(/([a-z])(?=[A-Z])/g, '$1 ').toUpperCase();
  return Object.fromEntries(Object.keys(fields).map((name) => [name, heading(name)]));
}
