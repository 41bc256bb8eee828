import { type AttackName, attacks } from './attacks.ts';

/**
 * `node attacker.ts <attack> <port> <size> <milliseconds>`: a stranger, as a process of his own, so that what he
 * does to his own event loop is not measured. Ends when his time is over or he has done what he came for.
 */
const [name = '', port = '', size = '', milliseconds = ''] = process.argv.slice(2);

if (!isAttack(name)) throw new Error(`no attack "${name}"; there are: ${Object.keys(attacks).join(', ')}`);
await attacks[name](Number(port), Number(size), AbortSignal.timeout(Number(milliseconds)));
process.exit(0);

function isAttack(name: string): name is AttackName {
  return Object.hasOwn(attacks, name);
}
