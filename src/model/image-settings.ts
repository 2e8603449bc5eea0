/** What an image says of the containers made of it: OCI image-spec, config.md, and Docker's extensions. */
import { count, decode, list, map, object, optional, present, string, type Decoded } from './decode.ts';

/** Docker's extension; durations in nanoseconds. */
const healthcheckSchema = object({
  Test: optional(list(string)),
  Interval: optional(count),
  Timeout: optional(count),
  StartPeriod: optional(count),
  Retries: optional(count),
});

/** The inner `config` of the config of an image: what it says of the containers made of it. */
export const imageSettingsSchema = object({
  User: optional(string),
  ExposedPorts: optional(map(present)),
  Env: optional(list(string)),
  Entrypoint: optional(list(string)),
  Cmd: optional(list(string)),
  Volumes: optional(map(present)),
  WorkingDir: optional(string),
  Labels: optional(map(string)),
  StopSignal: optional(string),
  Healthcheck: optional(healthcheckSchema),
  OnBuild: optional(list(string)),
  Shell: optional(list(string)),
});

/**
 * Read what an image says of the containers made of it: the inner `config` of its config.
 *
 * @param what names the text in the message
 * @throws {TspodError} when it is malformed
 */
export function decodeImageSettings(text: string, what: string): Decoded<typeof imageSettingsSchema> {
  return decode(imageSettingsSchema, text, what);
}
