/** Why a body is not read to its end. `unfinished`: it had to make room; `cut-off`: its sender went away. */
export type BodyFault = 'too-large' | 'unfinished' | 'cut-off';

export class BodyRefused extends Error {
  override readonly name = 'BodyRefused';
  readonly reason: BodyFault;

  constructor(reason: BodyFault) {
    super(`the body was not read to its end: ${reason}`);
    this.reason = reason;
  }
}
