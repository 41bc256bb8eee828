import { describe, expect, it } from 'vitest';
import { parseDependencies } from './debian-packages.ts';

describe('parseDependencies', () => {
  it('reads names, providers and alternatives, and nothing else', () => {
    const output = [
      'redis-tools',
      '  PreDepends: init-system-helpers',
      '  Depends: libatomic1',
      ' |Depends: debconf',
      '  Depends: <debconf-2.0>',
      '    cdebconf',
      '    debconf',
      '  Depends: libsystemd0',
      '    libelogind0',
      '  Breaks: redis-server',
      '    some-provider',
      '  Suggests: ruby-redis',
    ].join('\n');
    expect(parseDependencies(output)).toEqual([
      ['init-system-helpers'],
      ['libatomic1'],
      ['debconf', 'debconf-2.0', 'cdebconf', 'debconf'],
      ['libsystemd0', 'libelogind0'],
    ]);
  });
});
