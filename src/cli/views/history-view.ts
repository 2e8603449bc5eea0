/** The steps of an image as `history` shows them. */
import type { HistoryStep } from '../../model/history-step.ts';
import type { View } from '../format.ts';
import { goTime, humanAge, humanSize } from '../human.ts';

export interface HistoryViewOptions {
  readonly nowMs: number;
  /** Nothing is cut. */
  readonly full: boolean;
  /** Ages, not moments. */
  readonly human: boolean;
}

/** Podman's table and template fields of `history`. */
export function historyView({ nowMs, full, human }: HistoryViewOptions): View<HistoryStep> {
  const id = (row: HistoryStep) => historyId(row, { full });
  const created = (row: HistoryStep) => (human ? humanAge(row.created, nowMs) : withoutFraction(row.created));
  const createdBy = (row: HistoryStep) => (full ? row.createdBy : cut(row.createdBy));
  const size = (row: HistoryStep) => humanSize(row.size);
  const comment = (row: HistoryStep) => row.comment;
  return {
    columns: [
      { heading: 'ID', cell: id },
      { heading: 'CREATED', cell: created },
      { heading: 'CREATED BY', cell: createdBy },
      { heading: 'SIZE', cell: size },
      { heading: 'COMMENT', cell: comment },
    ],
    fields: {
      ID: id,
      Created: created,
      CreatedAt: (row) => goTime(row.created),
      CreatedBy: createdBy,
      CreatedSince: (row) => humanAge(row.created, nowMs),
      Size: size,
      Comment: (row) => row.comment,
      Tags: (row) => row.tags,
    },
    json: (row) => ({
      id: row.id ?? '<missing>',
      created: row.created,
      CreatedBy: row.createdBy,
      size: row.size,
      comment: row.comment,
      Created: withoutFraction(row.created),
    }),
  };
}

/** Twelve digits; a step that is no image here has none. */
export function historyId({ id }: HistoryStep, { full }: Pick<HistoryViewOptions, 'full'>): string {
  return id === undefined ? '<missing>' : full ? id : id.slice(0, 12);
}

/** 45 characters, as Podman. */
function cut(text: string): string {
  const characters = Array.from(text);
  return characters.length > 45 ? `${characters.slice(0, 42).join('')}...` : text;
}

function withoutFraction(moment: string): string {
  return moment.replace(/\.\d+(?=Z|[+-])/, '');
}
