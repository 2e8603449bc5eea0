/** Markdown, as much of it as our pages use, to the man macros: groff_man(7). */

/**
 * Convert one page. Its first line is `% NAME SECTION`; then headings of two and three `#`, paragraphs, `-` lists, terms
 * (`**--flag**=*VALUE*` on a line, its text indented by four below), fenced code, and `**bold**`, `*italic*`, `` `code` ``.
 *
 * @param date of the page: `2026-11-20`
 * @throws {Error} when a line is of Markdown that is not among these, which would run into the text before it
 */
export function toRoff(markdown: string, date: string): string {
  const lines = markdown.split('\n');
  const [, name = '', section = '1'] = /^% (\S+) (\d)$/.exec(lines[0] ?? '') ?? [];
  const out = [`.TH "${name.toUpperCase()}" "${section}" "${date}" "tspod" "User Commands"`, '.nh', '.ad l'];
  let isCode = false;
  let needsParagraph = true;
  for (const [index, line] of lines.entries()) {
    if (index === 0) continue;
    if (line.startsWith('```')) {
      out.push(isCode ? '.EE\n.RE\n.fi' : '.sp\n.nf\n.RS 4\n.EX');
      isCode = !isCode;
      needsParagraph = !isCode;
    } else if (isCode) {
      out.push(escapeText(line));
    } else if (line.startsWith('## ')) {
      out.push(`.SH ${line.slice(3).toUpperCase()}`);
      needsParagraph = false;
    } else if (line.startsWith('### ')) {
      out.push(`.SS ${inline(line.slice(4))}`);
      needsParagraph = false;
    } else if (line.startsWith('- ')) {
      out.push('.IP \\(bu 2', inline(line.slice(2)));
    } else if (line.startsWith('    ')) {
      out.push(inline(line.trim()));
    } else if (line.trim() === '') {
      needsParagraph = true;
    } else if (lines[index + 1]?.startsWith('    ') === true) {
      out.push('.TP', inline(line));
    } else if (/^(?:[|>#*] |\d+[.] )/.test(line)) {
      throw new Error(`${name}, line ${index + 1}: no such Markdown in our pages: ${line}`);
    } else {
      if (needsParagraph) out.push('.PP');
      needsParagraph = false;
      out.push(inline(line));
    }
  }
  return `${out.join('\n')}\n`;
}

function inline(text: string): string {
  const parts = text.split(/(`[^`]+`|\*\*[^*]+\*\*|\*[^*]+\*)/);
  const styled = parts.map((part) => {
    if (part.startsWith('`')) return `\\fB${escapePart(part.slice(1, -1))}\\fP`;
    if (part.startsWith('**')) return `\\fB${escapePart(part.slice(2, -2))}\\fP`;
    if (part.startsWith('*') && part.length > 2) return `\\fI${escapePart(part.slice(1, -1))}\\fP`;
    return escapePart(part);
  });
  return protectStart(styled.join(''));
}

function escapeText(line: string): string {
  return protectStart(escapePart(line));
}

/** A hyphen that can be typed, and a backslash that is one. */
function escapePart(text: string): string {
  return text.replaceAll('\\', '\\e').replaceAll('-', '\\-');
}

/** A dot or a quote at the start of a line would be a request. */
function protectStart(line: string): string {
  return /^[.']/.test(line) ? `\\&${line}` : line;
}
