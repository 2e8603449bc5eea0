/** Text of images, containers and archives on its way to a terminal. */

/** One line that does not command the terminal: control characters are shown as `?`. */
export function printable(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, '?');
}

/** The same for text of several lines. */
export function printableLines(text: string): string {
  return text.replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, '?');
}
