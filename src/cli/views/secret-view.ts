/** How secrets are shown, in Podman's fields; their content is not among them. */
import { parseExpression, type Matchers } from '../filter.ts';
import { fieldValues, type View } from '../format.ts';
import { goTime, humanAge } from '../human.ts';

/** What is known of a secret. */
export interface SecretRow {
  readonly id: string;
  readonly name: string;
  /** RFC 3339 */
  readonly created: string;
  readonly updated: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Podman's object for a secret. */
export function secretJson({ id, name, created, updated, labels }: SecretRow) {
  return {
    ID: id,
    CreatedAt: created,
    UpdatedAt: updated,
    Spec: { Name: name, Driver: { Name: 'file', Options: {} }, Labels: labels },
  };
}

/** `secret inspect --pretty` */
export function secretText({ id, name, created, updated, labels }: SecretRow): string {
  const lines = [
    ['ID:', id],
    ['Name:', name],
    [
      'Labels:',
      Object.entries(labels)
        .map(([key, value]) => `\n - ${key}=${value}`)
        .join(''),
    ],
    ['Driver:', 'file'],
    ['Created at:', goTime(created)],
    ['Updated at:', goTime(updated)],
  ];
  return lines
    .map(([title = '', value = '']) => `${value.startsWith('\n') ? title : title.padEnd(19)}${value}\n`)
    .join('');
}

/** @param nowMs the present, in milliseconds since 1970 */
export function secretView(nowMs: number): View<SecretRow> {
  const fields = {
    ID: ({ id }: SecretRow) => id,
    Name: ({ name }: SecretRow) => name,
    Driver: () => 'file',
    CreatedAt: ({ created }: SecretRow) => humanAge(created, nowMs),
    UpdatedAt: ({ updated }: SecretRow) => humanAge(updated, nowMs),
  };
  return {
    columns: [
      { heading: 'ID', cell: ({ id }) => id },
      { heading: 'NAME', cell: ({ name }) => name },
      { heading: 'DRIVER', cell: () => 'file' },
      { heading: 'CREATED', cell: fields.CreatedAt },
      { heading: 'UPDATED', cell: fields.UpdatedAt },
    ],
    fields,
    headings: { CreatedAt: 'CREATED', UpdatedAt: 'UPDATED' },
    json: (row) => fieldValues(row, fields),
  };
}

export const secretMatchers: Matchers<SecretRow> = {
  id:
    (value) =>
    ({ id }) =>
      id.startsWith(value),
  name: (value) => {
    const expression = parseExpression(value);
    return ({ name }) => expression.test(name);
  },
};
