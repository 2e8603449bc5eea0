import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../src/cli/base-command.ts';
import { formatValue } from '../src/cli/format.ts';
import { writeOut } from '../src/cli/output.ts';
import { examineHost } from '../src/engine/doctor.ts';

export default class Doctor extends BaseCommand {
  static override description = 'say what this host grants containers, and what would cure what is missing';
  static override usage = 'doctor [OPTIONS]';
  static override examples = ['tspod doctor', 'tspod doctor --format json'];
  static override flags = {
    format: Flags.string({ char: 'f', description: 'print as "json", or by a Go template', helpValue: 'FORMAT' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Doctor);
    const findings = await examineHost();
    if (flags.format !== undefined) writeOut(await formatValue(findings, flags.format));
    else {
      for (const { name, status, detail, remedy } of findings) {
        this.log(`${status.padEnd(8)} ${name}: ${detail}`);
        if (remedy !== undefined && status !== 'ok') this.log(`${' '.repeat(9)}${remedy}`);
      }
    }
    if (findings.some(({ status }) => status === 'failed')) process.exitCode = 1;
  }
}
