import assert from 'node:assert/strict';
import { test } from 'node:test';
import { completePage, OPTIONS_MARK, pageName, readCommands, readPage } from '../../../man/pages.ts';
import { toRoff } from '../../../man/roff.ts';

for (const { name, command } of await readCommands()) {
  test(`"tspod ${name}" has a page with its options and examples that begin with it`, async () => {
    const page = await readPage(pageName(name));
    assert.ok(page, `man/${pageName(name)}.1.md is missing`);
    assert.ok(page.startsWith(`% ${pageName(name)} 1\n`), 'the first line names the page');
    for (const part of ['## NAME', '## SYNOPSIS', '## DESCRIPTION', '## OPTIONS', OPTIONS_MARK, '## SEE ALSO']) {
      assert.ok(page.includes(part), `${part} is missing`);
    }
    assert.ok(completePage(page, command.flags).includes('tspod'));
  });

  test(`every flag of "tspod ${name}" has a sentence`, () => {
    assert.ok(command.description, 'the command has none');
    for (const [flag, { description }] of Object.entries(command.flags)) {
      assert.match(description ?? '', /^\S.*[^.]$/, `--${flag} has none, or one with a full stop`);
    }
  });
}

test('a page becomes man macros', () => {
  const page =
    '% tspod-x 1\n\n## NAME\n\ntspod-x - do `it`\n\n## OPTIONS\n\n**--a**=*B*\n    What a is.\n\n- one\n\n```\n.x \\ y\n```\n';
  assert.equal(
    toRoff(page, '2026-11-20'),
    `.TH "TSPOD-X" "1" "2026-11-20" "tspod" "User Commands"
.nh
.ad l
.SH NAME
.PP
tspod\\-x \\- do \\fBit\\fP
.SH OPTIONS
.TP
\\fB\\-\\-a\\fP=\\fIB\\fP
What a is.
.IP \\(bu 2
one
.sp
.nf
.RS 4
.EX
\\&.x \\e y
.EE
.RE
.fi
`,
  );
});

test('a table is refused, which would become a paragraph of bars', () => {
  assert.throws(() => toRoff('% tspod-x 1\n\n| a | b |\n', '2026-11-20'), /tspod-x, line 3: .*\| a \| b \|/);
});
