/** Health checks. */
import * as Flags from '@oclif/core/flags';
import { parseHealthInterval, parseHealthLogDestination, parseHealthTimeout } from '../../model/healthcheck.ts';
import { parseDuration } from '../../model/duration.ts';
import { integer, parsed } from '../flag.ts';

export const healthFlags = {
  'health-cmd': Flags.string({
    aliases: ['healthcheck-command'],
    description:
      'command that tells whether the container is well: text for its shell, or a JSON list; none has no check',
    helpValue: 'COMMAND',
  }),
  'health-interval': parsed(parseHealthInterval)({
    aliases: ['healthcheck-interval'],
    description: 'time between two checks (30s); disable runs none by itself',
    helpValue: 'DURATION',
  }),
  'health-log-destination': parsed((text) => parseHealthLogDestination(text, process.cwd()))({
    description: 'where else results go: local is nowhere, events_logger makes each an event, a directory gets a file',
    helpValue: 'local|events_logger|DIR',
  }),
  'health-max-log-count': integer(
    0,
    1000,
  )({
    description: 'how many results are kept (5); 0 is 1000',
    helpValue: 'COUNT',
  }),
  'health-max-log-size': integer(
    0,
    65_536,
  )({
    description: "how many bytes of a check's output are kept (500); 0 is 65536",
    helpValue: 'BYTES',
  }),
  'health-on-failure': Flags.string({
    description: 'what becomes of a container that turns unhealthy; nothing unless given',
    options: ['none', 'kill', 'restart', 'stop'],
    helpValue: 'ACTION',
  }),
  'health-retries': integer(1)({
    aliases: ['healthcheck-retries'],
    description: 'how many failures in a row mean unhealthy (3)',
    helpValue: 'COUNT',
  }),
  'health-start-period': parsed((text) => Math.ceil(parseDuration(text)))({
    aliases: ['healthcheck-start-period'],
    description: 'time after the start in which failures do not count (0s)',
    helpValue: 'DURATION',
  }),
  'health-startup-cmd': Flags.string({
    description: 'command that is checked with instead until it has succeeded',
    helpValue: 'COMMAND',
  }),
  'health-startup-interval': parsed(parseHealthInterval)({
    description: 'time between two startup checks (30s)',
    helpValue: 'DURATION',
  }),
  'health-startup-retries': integer(0)({
    description: 'how many failed startup checks restart the container; 0 is never',
    helpValue: 'COUNT',
  }),
  'health-startup-success': integer(0)({
    description: 'how many startup checks in a row must succeed (1)',
    helpValue: 'COUNT',
  }),
  'health-startup-timeout': parsed(parseHealthTimeout)({
    description: 'how long a startup check may take (30s)',
    helpValue: 'DURATION',
  }),
  'health-timeout': parsed(parseHealthTimeout)({
    aliases: ['healthcheck-timeout'],
    description: 'how long a check may take before it is killed and has failed (30s)',
    helpValue: 'DURATION',
  }),
  'no-healthcheck': Flags.boolean({ description: 'no health check, also when the image has one' }),
};
