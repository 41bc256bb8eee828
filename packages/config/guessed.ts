/** What people and examples write where a secret should stand. Compared without digits, signs and case. */
const GUESSED =
  /^(admin|administrator|root|user|test|changeme|change|replace|please|password|passwort|passwd|secret|token|key|webhook|value|placeholder|here|put|insert|enter|todo|welcome|letmein|qwerty|qwertz|asdf|abc|abcdef|abcdefghijkl|switchyard|console|chatwoot|hunter|operator|default|example|iloveyou|dragon|monkey|football|master|login|access|and|the|my|a|is|this|your|me)*$/;

/** Whether it is made of the words that everybody tries, of a few characters, or of a repetition. */
export function isGuessed(secret: string): boolean {
  const letters = secret.toLowerCase().replace(/[^a-z]/g, '');
  return GUESSED.test(letters) || new Set(secret).size < 5 || isRepeated(secret);
}

/** `hunter2hunter2`, `abcabcabcabc`. */
function isRepeated(secret: string): boolean {
  return (secret + secret).indexOf(secret, 1) < secret.length;
}
