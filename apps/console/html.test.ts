import { expect, test } from 'vitest';
import { Html, html } from './html.ts';

const HOSTILE = `"><script>alert('x')</script>&`;

test('what goes into a template is text, wherever it stands', () => {
  expect(html`<a title="${HOSTILE}">${HOSTILE}</a>`.toString()).toBe(
    '<a title="&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;">' +
      '&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;</a>',
  );
});

test('a template in a template is markup, and lists of them are put together', () => {
  const items = ['a', '<b>'].map((item) => html`<li>${item}</li>`);
  expect(html`<ul>${items}</ul>`.toString()).toBe('<ul><li>a</li><li>&lt;b&gt;</li></ul>');
});

test('null, undefined and false are nothing; 0 is a number', () => {
  expect(html`${null}${undefined}${false}${0}`.toString()).toBe('0');
});

test('nobody else makes markup', () => {
  const make: unknown = Html;
  expect(() => Reflect.construct(Object(make), [Symbol('mine'), '<script>'])).toThrow('html tag');
});
